package io.redmessenger.adapters.websocket.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One complete, unmasked frame as a server sends it (RFC 6455, section 5.2), header included.
 *
 * <p>Immutable: encode once, then {@linkplain WebSocketConnection#send(Frame) send} the same object to any number of
 * connections from any thread; its bytes are never copied per connection while they wait.
 */
public final class Frame {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xa;
    static final int FIN = 0x80;

    /** What a control frame may carry at most (section 5.5). */
    static final int MAX_CONTROL_PAYLOAD = 125;

    private final byte[] bytes;

    private Frame(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A text message of one frame. */
    public static Frame text(String text) {
        return text(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A text message of one frame; the caller answers for {@code utf8} being UTF-8. The array is copied. */
    public static Frame text(byte[] utf8) {
        return encode(TEXT, utf8, 0, utf8.length);
    }

    /** A binary message of one frame. The array is copied. */
    public static Frame binary(byte[] payload) {
        return encode(BINARY, payload, 0, payload.length);
    }

    static Frame ping(long token) {
        byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(token).array();
        return encode(PING, payload, 0, payload.length);
    }

    static Frame pong(byte[] buffer, int offset, int length) {
        return encode(PONG, buffer, offset, length);
    }

    /** A close frame; {@link CloseCodes#NO_STATUS} makes an empty one. */
    static Frame close(int code, String reason) {
        if (code == CloseCodes.NO_STATUS) {
            return encode(CLOSE, new byte[0], 0, 0);
        }
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (!CloseCodes.isValid(code)) {
            throw new IllegalArgumentException(
                    "close code must be 1000 to 1003, 1007 to 1014 or 3000 to 4999, got " + code);
        }
        if (text.length > MAX_CONTROL_PAYLOAD - 2) {
            throw new IllegalArgumentException("close reason must be at most " + (MAX_CONTROL_PAYLOAD - 2)
                    + " bytes of UTF-8, got " + text.length);
        }
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return encode(CLOSE, payload, 0, payload.length);
    }

    private static Frame encode(int opcode, byte[] payload, int offset, int length) {
        int header = length <= 125 ? 2 : length <= 0xffff ? 4 : 10;
        byte[] bytes = new byte[header + length];
        bytes[0] = (byte) (FIN | opcode);
        if (length <= 125) {
            bytes[1] = (byte) length;
        } else if (length <= 0xffff) {
            bytes[1] = 126;
            bytes[2] = (byte) (length >> 8);
            bytes[3] = (byte) length;
        } else {
            bytes[1] = 127;
            ByteBuffer.wrap(bytes).putLong(2, length);
        }
        System.arraycopy(payload, offset, bytes, header, length);
        return new Frame(bytes);
    }

    /** Bytes on the wire, header included. */
    public int length() {
        return bytes.length;
    }

    /** Copies as much as fits from {@code offset} on, and returns how much that was. */
    int copyTo(ByteBuffer target, int offset) {
        int count = Math.min(target.remaining(), bytes.length - offset);
        target.put(bytes, offset, count);
        return count;
    }

    @Override
    public String toString() {
        return "Frame[opcode " + (bytes[0] & 0xf) + ", " + bytes.length + " bytes]";
    }
}

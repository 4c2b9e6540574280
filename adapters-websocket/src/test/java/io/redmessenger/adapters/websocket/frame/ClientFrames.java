package io.redmessenger.adapters.websocket.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Bytes as a client sends them: masked frames, and such as no client should send. */
final class ClientFrames {
    static final int FIN = 0x80;
    static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

    private ClientFrames() {}

    static byte[] text(String text) {
        return frame(FIN | Frame.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return frame(
                FIN | Frame.CLOSE,
                ByteBuffer.allocate(2 + text.length)
                        .putShort((short) code)
                        .put(text)
                        .array());
    }

    static byte[] ping(String payload) {
        return frame(FIN | Frame.PING, payload.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] frame(int firstByte, byte[] payload) {
        int length = payload.length;
        return frame(firstByte, length <= 125 ? 0 : length <= 0xffff ? 2 : 8, length, payload);
    }

    /** A frame with a length that is encoded in so many extra bytes and need not be that of the payload. */
    static byte[] frame(int firstByte, int lengthBytes, long length, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(2 + lengthBytes + MASK.length + payload.length);
        frame.put((byte) firstByte);
        switch (lengthBytes) {
            case 0 -> frame.put((byte) (0x80 | length));
            case 2 -> frame.put((byte) (0x80 | 126)).putShort((short) length);
            default -> frame.put((byte) (0x80 | 127)).putLong(length);
        }
        frame.put(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ MASK[i & 3]));
        }
        return frame.array();
    }

    static byte[] unmasked(int firstByte, byte[] payload) {
        return ByteBuffer.allocate(2 + payload.length)
                .put((byte) firstByte)
                .put((byte) payload.length)
                .put(payload)
                .array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}

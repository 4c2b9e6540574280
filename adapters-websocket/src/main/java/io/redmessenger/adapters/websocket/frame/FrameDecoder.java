package io.redmessenger.adapters.websocket.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a client sends into messages and control frames, and finds every breach of RFC 6455 at its first byte.
 *
 * <p>Bytes come in any pieces. A message that is complete within one piece is decoded where it lies; only what is incomplete
 * at the end of a piece is kept, so that between messages nothing is held. The length of a message is judged by what the
 * frame headers declare, before anything is kept, and what is kept grows with what has arrived, not with what was declared.
 * Not safe for concurrent use. Performs no I/O.
 */
abstract class FrameDecoder {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] EMPTY = new byte[0];

    private enum Stage {
        FIRST_BYTE,
        SECOND_BYTE,
        EXTENDED_LENGTH,
        MASK,
        PAYLOAD,
        STOPPED
    }

    private final int maxMessageBytes;

    private Stage stage = Stage.FIRST_BYTE;
    private int firstByte;
    private int missingHeaderBytes;
    private int lengthBytes;
    private long length;
    private int mask;
    private int missingPayload;

    /** The opcode of the message under way between its fragments, or 0. */
    private int messageOpcode;

    private byte[] message = EMPTY;
    private int messageLength;
    private int textState = Utf8Validator.COMPLETE;

    private byte @Nullable [] control;

    FrameDecoder(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /** A complete text message. */
    abstract void text(String text);

    /** A complete binary message; the buffer is valid during the call only. */
    abstract void binary(ByteBuffer payload);

    /** A ping; the bytes are valid during the call only. */
    abstract void ping(byte[] buffer, int offset, int payloadLength);

    /** A pong; the bytes are valid during the call only. */
    abstract void pong(byte[] buffer, int offset, int payloadLength);

    /** A valid close frame; {@link CloseCodes#NO_STATUS} if it was empty. The decoder has stopped. */
    abstract void close(int code, String reason);

    /** The client has broken the protocol or a limit. The decoder has stopped. */
    abstract void failed(int code, String reason);

    /** Ignores whatever else arrives, and lets go of what was kept. */
    final void stop() {
        stage = Stage.STOPPED;
        message = EMPTY;
        control = null;
    }

    /** Whether nothing has begun that is not complete; then a new decoder would do as well. */
    final boolean isBetweenMessages() {
        return stage == Stage.FIRST_BYTE && messageOpcode == 0;
    }

    /** Bytes that are held until the rest of a message or control frame arrives. */
    final int heldBytes() {
        byte[] held = control;
        return message.length + (held == null ? 0 : held.length);
    }

    /** Consumes all bytes from {@code from} to {@code to}; payload is unmasked in place, so {@code buffer} is changed. */
    final void decode(byte[] buffer, int from, int to) {
        int i = from;
        while (true) {
            if (stage == Stage.PAYLOAD) {
                int count = Math.min(missingPayload, to - i);
                missingPayload -= count;
                unmask(buffer, i, count);
                if ((firstByte & 0x8) != 0) {
                    controlPayload(buffer, i, count);
                } else {
                    dataPayload(buffer, i, count);
                }
                i += count;
            }
            if (i == to || stage == Stage.STOPPED) {
                return;
            }
            if (stage != Stage.PAYLOAD) {
                header(buffer[i++] & 0xff);
            }
        }
    }

    private void header(int b) {
        switch (stage) {
            case FIRST_BYTE -> {
                firstByte = b;
                checkFirstByte();
            }
            case SECOND_BYTE -> secondByte(b);
            case EXTENDED_LENGTH -> {
                length = length << 8 | b;
                if (--missingHeaderBytes == 0) {
                    checkExtendedLength();
                }
            }
            case MASK -> {
                mask = mask << 8 | b;
                if (--missingHeaderBytes == 0) {
                    missingPayload = (int) length;
                    stage = Stage.PAYLOAD;
                }
            }
            case PAYLOAD, STOPPED -> throw new IllegalStateException("no header expected in " + stage);
        }
    }

    private void checkFirstByte() {
        int opcode = firstByte & 0xf;
        boolean fin = (firstByte & Frame.FIN) != 0;
        if ((firstByte & 0x70) != 0) {
            fail(CloseCodes.PROTOCOL_ERROR, "reserved bits must be zero, no extension was negotiated");
        } else if (opcode > Frame.PONG || (opcode > Frame.BINARY && opcode < Frame.CLOSE)) {
            fail(CloseCodes.PROTOCOL_ERROR, "unknown opcode " + opcode);
        } else if (opcode >= Frame.CLOSE && !fin) {
            fail(CloseCodes.PROTOCOL_ERROR, "control frames must not be fragmented");
        } else if (opcode == Frame.CONTINUATION && messageOpcode == 0) {
            fail(CloseCodes.PROTOCOL_ERROR, "continuation frame without a message to continue");
        } else if ((opcode == Frame.TEXT || opcode == Frame.BINARY) && messageOpcode != 0) {
            fail(CloseCodes.PROTOCOL_ERROR, "new message before the last one was complete");
        } else {
            stage = Stage.SECOND_BYTE;
        }
    }

    private void secondByte(int b) {
        int shortLength = b & 0x7f;
        if ((b & 0x80) == 0) {
            fail(CloseCodes.PROTOCOL_ERROR, "frames of a client must be masked");
        } else if ((firstByte & 0x8) != 0 && shortLength > Frame.MAX_CONTROL_PAYLOAD) {
            fail(CloseCodes.PROTOCOL_ERROR, "control frames carry at most 125 bytes");
        } else if (shortLength >= 126) {
            length = 0;
            lengthBytes = shortLength == 126 ? 2 : 8;
            missingHeaderBytes = lengthBytes;
            stage = Stage.EXTENDED_LENGTH;
        } else {
            length = shortLength;
            checkLength();
        }
    }

    private void checkExtendedLength() {
        if (length < 0) {
            fail(CloseCodes.PROTOCOL_ERROR, "the highest bit of a 64-bit length must be zero");
        } else if (length < (lengthBytes == 2 ? 126 : 0x1_0000)) {
            fail(CloseCodes.PROTOCOL_ERROR, "a length must be encoded in the fewest bytes");
        } else {
            checkLength();
        }
    }

    private void checkLength() {
        if ((firstByte & 0x8) == 0 && length > maxMessageBytes - messageLength) {
            fail(CloseCodes.TOO_BIG, "a message may have at most " + maxMessageBytes + " bytes");
        } else {
            mask = 0;
            missingHeaderBytes = 4;
            stage = Stage.MASK;
        }
    }

    private void unmask(byte[] buffer, int offset, int count) {
        int i = offset;
        int end = offset + count;
        long wide = (long) mask << 32 | (mask & 0xffff_ffffL);
        for (; i + 8 <= end; i += 8) {
            LONGS.set(buffer, i, (long) LONGS.get(buffer, i) ^ wide);
        }
        for (int shift = 24; i < end; i++, shift -= 8) {
            buffer[i] ^= (byte) (mask >> (shift & 31));
        }
        mask = Integer.rotateLeft(mask, 8 * (count & 3));
    }

    private void dataPayload(byte[] buffer, int offset, int count) {
        int opcode = firstByte & 0xf;
        if (opcode != Frame.CONTINUATION) {
            // set by the first piece of the first frame; a later piece of it sets the same again
            messageOpcode = opcode;
        }
        if (messageOpcode == Frame.TEXT) {
            textState = Utf8Validator.validate(textState, buffer, offset, count);
            if (textState == Utf8Validator.INVALID) {
                fail(CloseCodes.INVALID_TEXT, "text must be UTF-8");
                return;
            }
        }
        boolean last = missingPayload == 0 && (firstByte & Frame.FIN) != 0;
        if (last && messageLength == 0) {
            deliver(buffer, offset, count);
            return;
        }
        keep(buffer, offset, count);
        if (last) {
            byte[] complete = message;
            message = EMPTY;
            deliver(complete, 0, messageLength);
        } else if (missingPayload == 0) {
            stage = Stage.FIRST_BYTE;
        }
    }

    private void keep(byte[] buffer, int offset, int count) {
        int needed = messageLength + count;
        if (needed > message.length) {
            boolean lastFrame = (firstByte & Frame.FIN) != 0;
            int capacity = lastFrame ? Math.min(needed + missingPayload, 2 * needed) : 2 * needed;
            message = Arrays.copyOf(message, Math.min(capacity, maxMessageBytes));
        }
        System.arraycopy(buffer, offset, message, messageLength, count);
        messageLength = needed;
    }

    private void deliver(byte[] buffer, int offset, int count) {
        int opcode = messageOpcode;
        boolean complete = textState == Utf8Validator.COMPLETE;
        messageOpcode = 0;
        messageLength = 0;
        stage = Stage.FIRST_BYTE;
        if (opcode == Frame.BINARY) {
            binary(ByteBuffer.wrap(buffer, offset, count).slice().asReadOnlyBuffer());
        } else if (complete) {
            text(new String(buffer, offset, count, StandardCharsets.UTF_8));
        } else {
            fail(CloseCodes.INVALID_TEXT, "text must not end within a character");
        }
    }

    private void controlPayload(byte[] buffer, int offset, int count) {
        byte[] held = control;
        if (missingPayload > 0) {
            if (held == null) {
                held = new byte[(int) length];
                control = held;
            }
            System.arraycopy(buffer, offset, held, held.length - missingPayload - count, count);
        } else if (held == null) {
            stage = Stage.FIRST_BYTE;
            deliverControl(buffer, offset, count);
        } else {
            System.arraycopy(buffer, offset, held, held.length - count, count);
            control = null;
            stage = Stage.FIRST_BYTE;
            deliverControl(held, 0, held.length);
        }
    }

    private void deliverControl(byte[] buffer, int offset, int count) {
        switch (firstByte & 0xf) {
            case Frame.PING -> ping(buffer, offset, count);
            case Frame.PONG -> pong(buffer, offset, count);
            default -> closeFrame(buffer, offset, count);
        }
    }

    /** RFC 6455, sections 5.5.1 and 7.4. */
    private void closeFrame(byte[] buffer, int offset, int count) {
        if (count == 0) {
            stop();
            close(CloseCodes.NO_STATUS, "");
            return;
        }
        if (count == 1) {
            fail(CloseCodes.PROTOCOL_ERROR, "a close frame has no payload or at least a two-byte code");
            return;
        }
        int code = (buffer[offset] & 0xff) << 8 | (buffer[offset + 1] & 0xff);
        if (!CloseCodes.isValid(code)) {
            fail(CloseCodes.PROTOCOL_ERROR, "invalid close code " + code);
        } else if (Utf8Validator.validate(Utf8Validator.COMPLETE, buffer, offset + 2, count - 2)
                != Utf8Validator.COMPLETE) {
            fail(CloseCodes.INVALID_TEXT, "a close reason must be UTF-8");
        } else {
            stop();
            close(code, new String(buffer, offset + 2, count - 2, StandardCharsets.UTF_8));
        }
    }

    private void fail(int code, String reason) {
        stop();
        failed(code, reason);
    }
}

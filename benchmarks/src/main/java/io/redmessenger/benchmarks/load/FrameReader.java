package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.Arrays;

/**
 * Takes apart what a server sends on one WebSocket: the answer to the handshake, then unmasked frames, none of which is
 * fragmented. What is incomplete is kept until the rest arrives; an idle connection keeps nothing. Not thread-safe.
 */
final class FrameReader {

    /** What is found, in order; the bytes are valid during the call only. */
    interface Listener {
        /** The handshake has succeeded. */
        void opened() throws IOException;

        void text(byte[] bytes, int offset, int length) throws IOException;

        void ping(byte[] bytes, int offset, int length) throws IOException;

        void close(byte[] bytes, int offset, int length) throws IOException;
    }

    private static final int TEXT = 0x1;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int LONGEST = 64 << 20;
    private static final byte[] NOTHING = {};
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(US_ASCII);
    private static final String SWITCHING = "HTTP/1.1 101 ";

    private final Listener listener;
    private byte[] kept = NOTHING;
    private boolean open;

    FrameReader(Listener listener) {
        this.listener = listener;
    }

    /**
     * Takes what has arrived.
     *
     * @throws IOException when it is not what a server of ours sends
     */
    void read(byte[] bytes, int length) throws IOException {
        byte[] all = bytes;
        int end = length;
        if (kept.length > 0) {
            end = kept.length + length;
            all = Arrays.copyOf(kept, end);
            System.arraycopy(bytes, 0, all, kept.length, length);
        }
        int at = open ? 0 : head(all, end);
        for (int next = at; open && next >= 0; next = frame(all, at, end)) {
            at = next;
        }
        kept = at == end ? NOTHING : Arrays.copyOfRange(all, at, end);
    }

    /** Returns where the frames begin. */
    private int head(byte[] bytes, int length) throws IOException {
        int end = Bytes.indexOf(bytes, 0, length, END_OF_HEAD);
        if (end < 0) {
            return 0;
        }
        String head = new String(bytes, 0, end, US_ASCII);
        if (!head.startsWith(SWITCHING)) {
            throw new IOException(
                    "the handshake was refused: " + head.lines().findFirst().orElse(""));
        }
        open = true;
        listener.opened();
        return end + END_OF_HEAD.length;
    }

    /** Returns where the frame ends that begins at {@code at}, -1 when that has not arrived. */
    private int frame(byte[] bytes, int at, int end) throws IOException {
        if (end - at < 2) {
            return -1;
        }
        int opcode = bytes[at] & 0xf;
        long length = bytes[at + 1];
        int lengthBytes = length == 127 ? 8 : length == 126 ? 2 : 0;
        int payload = at + 2 + lengthBytes;
        if (payload > end) {
            return -1;
        }
        if (lengthBytes > 0) {
            length = 0;
            for (int i = at + 2; i < payload; i++) {
                length = length << 8 | (bytes[i] & 0xff);
            }
        }
        if (length < 0 || length > LONGEST) {
            throw new IOException("a frame of " + length + " bytes");
        }
        if (length > end - payload) {
            return -1;
        }
        switch (opcode) {
            case TEXT -> listener.text(bytes, payload, (int) length);
            case PING -> listener.ping(bytes, payload, (int) length);
            case CLOSE -> listener.close(bytes, payload, (int) length);
            default -> throw new IOException("a frame of opcode " + opcode);
        }
        return payload + (int) length;
    }
}

package io.redmessenger.adapters.websocket.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks UTF-8 (RFC 3629) piece by piece; RFC 6455, section 8.1. The state between two pieces is one {@code int}, and an
 * invalid sequence is seen at the first byte that cannot belong to any valid one.
 */
final class Utf8Validator {
    /** Nothing read yet, or the last character is complete: the only state in which a text may end. */
    static final int COMPLETE = 0;

    /** The bytes are not UTF-8, whatever may follow. */
    static final int INVALID = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8Validator() {}

    /**
     * Continues from {@code state} over {@code length} bytes.
     *
     * @return {@link #COMPLETE}, {@link #INVALID}, or the state to continue from: what the next byte may be, packed as
     *     missing bytes, lower bound, upper bound
     */
    static int validate(int state, byte[] bytes, int offset, int length) {
        int current = state;
        int i = offset;
        int end = offset + length;
        while (i < end) {
            if (current == COMPLETE) {
                while (i + 8 <= end && ((long) LONGS.get(bytes, i) & NOT_ASCII) == 0) {
                    i += 8;
                }
                while (i < end && bytes[i] >= 0) {
                    i++;
                }
                if (i == end) {
                    return COMPLETE;
                }
                current = lead(bytes[i] & 0xff);
            } else {
                current = continuation(current, bytes[i] & 0xff);
            }
            if (current == INVALID) {
                return INVALID;
            }
            i++;
        }
        return current;
    }

    private static int lead(int b) {
        if (b < 0xc2 || b > 0xf4) {
            return INVALID;
        }
        if (b < 0xe0) {
            return expect(1, 0x80, 0xbf);
        }
        if (b < 0xf0) {
            return expect(2, b == 0xe0 ? 0xa0 : 0x80, b == 0xed ? 0x9f : 0xbf);
        }
        return expect(3, b == 0xf0 ? 0x90 : 0x80, b == 0xf4 ? 0x8f : 0xbf);
    }

    private static int continuation(int state, int b) {
        if (b < ((state >> 8) & 0xff) || b > (state & 0xff)) {
            return INVALID;
        }
        int missing = (state >> 16) - 1;
        return missing == 0 ? COMPLETE : expect(missing, 0x80, 0xbf);
    }

    private static int expect(int missing, int lower, int upper) {
        return missing << 16 | lower << 8 | upper;
    }
}

package io.redmessenger.benchmarks.load;

import java.util.Arrays;

/** Looks for something among bytes. */
final class Bytes {

    private Bytes() {}

    /** Where {@code wanted} first begins from {@code from} on and ends before {@code to}; -1 when it does not. */
    static int indexOf(byte[] bytes, int from, int to, byte[] wanted) {
        for (int i = from; i <= to - wanted.length; i++) {
            if (bytes[i] == wanted[0] && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}

package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.ThreadLocalRandom;

/** Names for the numbering of an inbox: short, and different whenever one begins anew. */
final class Epochs {

    private static final int LENGTH = 7;

    private Epochs() {}

    static byte[] next() {
        return Base32.text(ThreadLocalRandom.current().nextLong(), LENGTH).getBytes(US_ASCII);
    }

    /** An epoch as a script replied it. */
    static String text(Object reply) {
        return new String((byte[]) reply, US_ASCII);
    }
}

package io.redmessenger.application.port.in;

import io.redmessenger.domain.message.MessageId;

/**
 * Makes the ids of publications that have none: 22 characters, 10 of the time, 4 that count up within a millisecond, 8 that
 * are this process's. So ids of one process are in the order in which they were made, and those of two differ. Safe for
 * concurrent use.
 */
public final class MessageIds {

    private static final int RADIX = 32;
    private static final int BITS = 5;
    private static final int MAX_COUNT = 1 << 20;

    private final String process;
    private long millis;
    private int count;

    /** @param random 40 bits that no other process has */
    public MessageIds(long random) {
        this.process = digits(random, 8);
    }

    /** @param now Unix milliseconds; ids stay in order even when it goes back */
    public synchronized MessageId next(long now) {
        if (now > millis) {
            millis = now;
            count = 0;
        } else if (++count == MAX_COUNT) {
            millis++;
            count = 0;
        }
        return new MessageId(digits(millis, 10) + digits(count, 4) + process);
    }

    /** The lowest digits of {@code number}; in the order of the numbers, for {@code 0-9} come before {@code a-v} in ASCII. */
    private static String digits(long number, int length) {
        char[] digits = new char[length];
        for (int i = length - 1; i >= 0; i--) {
            digits[i] = Character.forDigit((int) (number & (RADIX - 1)), RADIX);
            number >>>= BITS;
        }
        return new String(digits);
    }
}

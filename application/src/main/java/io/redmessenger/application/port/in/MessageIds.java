package io.redmessenger.application.port.in;

import io.redmessenger.domain.message.MessageId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids for messages whose publisher gave none: time, process and a counter, 26 characters, ascending within a process. Safe
 * for concurrent use.
 */
public final class MessageIds {

    /** Crockford's base 32: no letters that look like digits, and in ASCII order. */
    private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();

    private static final int TIME_DIGITS = 10;
    private static final int PROCESS_DIGITS = 8;
    private static final int COUNTER_DIGITS = 8;

    private final long process;
    private final AtomicLong counter = new AtomicLong();

    /** @param process a random number that tells this process from every other; 40 bits of it are used */
    public MessageIds(long process) {
        this.process = process;
    }

    /** @param timestamp Unix milliseconds */
    public MessageId next(long timestamp) {
        char[] id = new char[TIME_DIGITS + PROCESS_DIGITS + COUNTER_DIGITS];
        write(id, 0, TIME_DIGITS, timestamp);
        write(id, TIME_DIGITS, PROCESS_DIGITS, process);
        write(id, TIME_DIGITS + PROCESS_DIGITS, COUNTER_DIGITS, counter.incrementAndGet());
        return new MessageId(new String(id));
    }

    private static void write(char[] id, int from, int count, long value) {
        long rest = value;
        for (int i = from + count - 1; i >= from; i--) {
            id[i] = DIGITS[(int) (rest & 31)];
            rest >>>= 5;
        }
    }
}

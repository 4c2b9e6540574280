package io.redmessenger.adapters.redis;

import io.redmessenger.domain.message.MessageId;

/**
 * Makes ids of 22 characters: 10 of the time, 4 that count up within a millisecond, 8 that are this process's. So ids
 * of one process are in the order in which they were made, and those of two differ. Safe for concurrent use.
 */
final class PublicationIds {

    private static final int MAX_COUNT = 1 << 20;

    private final String process;
    private long millis;
    private int count;

    /** @param random 40 bits that no other process has */
    PublicationIds(long random) {
        this.process = Base32.text(random, 8);
    }

    /** @param now Unix milliseconds; ids stay in order even when it goes back */
    synchronized MessageId next(long now) {
        if (now > millis) {
            millis = now;
            count = 0;
        } else if (++count == MAX_COUNT) {
            millis++;
            count = 0;
        }
        return new MessageId(Base32.text(millis, 10) + Base32.text(count, 4) + process);
    }
}

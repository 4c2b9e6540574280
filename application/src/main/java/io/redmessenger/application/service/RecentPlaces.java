package io.redmessenger.application.service;

import io.redmessenger.domain.message.MessageId;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which messages the newest {@value #SIZE} positions of an inbox held: a store that has gone back gives the
 * same positions to other messages. Takes no memory until the first message. Not thread-safe.
 */
final class RecentPlaces {

    private static final int SIZE = 32; // more than what other nodes' signals lag behind the pages of the inbox

    private long @Nullable [] places; // by position modulo the size: low half of the position, hash of the id

    /** The message at {@code position} is {@code id}. */
    void add(long position, MessageId id) {
        if (places == null) {
            places = new long[SIZE];
        }
        places[(int) (position & (SIZE - 1))] = packed(position, id);
    }

    /** Whether the message at {@code position} is known, and is {@code id}. */
    boolean holds(long position, MessageId id) {
        return places != null && places[(int) (position & (SIZE - 1))] == packed(position, id);
    }

    void clear() {
        places = null;
    }

    private static long packed(long position, MessageId id) {
        return position << Integer.SIZE | (id.hashCode() & 0xffff_ffffL);
    }
}

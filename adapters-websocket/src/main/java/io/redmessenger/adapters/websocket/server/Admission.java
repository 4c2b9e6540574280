package io.redmessenger.adapters.websocket.server;

import io.redmessenger.domain.connection.ConnectionId;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How many connections the node has, and may have; it also numbers them. Safe for concurrent use. */
public final class Admission {

    private final int limit;
    private final AtomicInteger live = new AtomicInteger();
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean closed;

    /** @param limit the most connections of all transports together */
    public Admission(int limit) {
        this.limit = limit;
    }

    /** Takes a place, to be given back by {@link #leave}; returns whether there was one. */
    public boolean enter() {
        if (closed) {
            return false;
        }
        if (live.incrementAndGet() > limit) {
            live.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Whether {@link #enter} would find a place now. */
    public boolean hasRoom() {
        return !closed && live.get() < limit;
    }

    public void leave() {
        live.decrementAndGet();
    }

    /** Nobody gets in any more: the node stops. */
    public void close() {
        closed = true;
    }

    public int live() {
        return live.get();
    }

    /** The id of the next connection. */
    public ConnectionId nextId() {
        return new ConnectionId(numbers.incrementAndGet());
    }
}

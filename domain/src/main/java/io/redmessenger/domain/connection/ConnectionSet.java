package io.redmessenger.domain.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The live connections of one user, oldest first. It decides who must leave when there are too many, and which one
 * bubbles (shows the desktop notification). Not thread-safe.
 */
public final class ConnectionSet {

    private final int limit;
    private final List<ConnectionId> oldestFirst = new ArrayList<>(1);

    /** @param limit the most live connections of one user, 1 or more */
    public ConnectionSet(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("connection limit must be 1 or more, got " + limit);
        }
        this.limit = limit;
    }

    /**
     * Adds the newest connection.
     *
     * @return the connection that it replaces: the oldest, when the set was full. It is no longer in the set.
     */
    public Optional<ConnectionId> add(ConnectionId connection) {
        Optional<ConnectionId> replaced =
                oldestFirst.size() < limit ? Optional.empty() : Optional.of(oldestFirst.remove(0));
        oldestFirst.add(connection);
        return replaced;
    }

    /** Returns whether the connection was in the set. */
    public boolean remove(ConnectionId connection) {
        return oldestFirst.remove(connection);
    }

    /** The oldest connection bubbles, so exactly one does as long as there is any. */
    public boolean bubbles(ConnectionId connection) {
        return !oldestFirst.isEmpty() && oldestFirst.get(0).equals(connection);
    }

    public boolean isEmpty() {
        return oldestFirst.isEmpty();
    }

    public int size() {
        return oldestFirst.size();
    }
}

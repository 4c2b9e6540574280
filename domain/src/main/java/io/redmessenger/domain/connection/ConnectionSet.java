package io.redmessenger.domain.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The live connections of one user on one node, oldest first. It decides who must leave when there are too many already
 * here, takes in who must leave because there are too many on all nodes, and knows which one bubbles (shows the desktop
 * notification). Not thread-safe.
 */
public final class ConnectionSet {

    private final int limit;
    private final List<LiveConnection> oldestFirst = new ArrayList<>(1);

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
        Optional<ConnectionId> replaced = oldestFirst.size() < limit
                ? Optional.empty()
                : Optional.of(oldestFirst.remove(0).id());
        oldestFirst.add(new LiveConnection(connection, LiveConnection.UNKNOWN));
        return replaced;
    }

    /** Returns whether the connection was in the set. */
    public boolean remove(ConnectionId connection) {
        return oldestFirst.removeIf(live -> live.id().equals(connection));
    }

    /** What to register. */
    public Presence presence() {
        return new Presence(oldestFirst, limit);
    }

    /**
     * Takes in what became of a registration.
     *
     * @param asked what was registered; connections may have come and gone since
     * @param kept those of them that may stay, with the time since when
     * @return those that may not, because there are too many on all nodes. They are no longer in the set.
     */
    public List<ConnectionId> registered(Presence asked, List<LiveConnection> kept) {
        List<ConnectionId> replaced = new ArrayList<>(0);
        for (LiveConnection connection : asked.connections()) {
            Optional<LiveConnection> known = kept.stream()
                    .filter(one -> one.id().equals(connection.id()))
                    .findFirst();
            if (known.isPresent()) {
                // with the id that is here anyway: the registration's is a copy of it
                oldestFirst.replaceAll(live -> live.id().equals(connection.id())
                        ? new LiveConnection(live.id(), known.get().since())
                        : live);
            } else if (remove(connection.id())) {
                replaced.add(connection.id());
            }
        }
        return replaced;
    }

    /**
     * Whether the connection bubbles. Of all nodes one has the oldest connection of the user, and there the oldest bubbles:
     * so exactly one does as long as there is any.
     *
     * @param oldestHere whether this node has the oldest connection of all
     */
    public boolean bubbles(ConnectionId connection, boolean oldestHere) {
        return oldestHere && !oldestFirst.isEmpty() && oldestFirst.get(0).id().equals(connection);
    }

    public boolean isEmpty() {
        return oldestFirst.isEmpty();
    }

    public int size() {
        return oldestFirst.size();
    }
}

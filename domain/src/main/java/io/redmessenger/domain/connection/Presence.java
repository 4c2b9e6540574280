package io.redmessenger.domain.connection;

import java.util.List;

/**
 * What one node says of a user's connections.
 *
 * @param connections those that live on the node, oldest first
 * @param limit the most live connections of the user on all nodes together, 1 or more
 */
public record Presence(List<LiveConnection> connections, int limit) {

    public Presence {
        connections = List.copyOf(connections);
        if (limit < 1) {
            throw new IllegalArgumentException("connection limit must be 1 or more, got " + limit);
        }
        if (connections.size() > limit) {
            throw new IllegalArgumentException(
                    connections.size() + " connections on one node, but " + limit + " are allowed on all");
        }
    }
}

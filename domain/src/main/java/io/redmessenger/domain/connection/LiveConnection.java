package io.redmessenger.domain.connection;

/**
 * A live connection, and its age among all of its user's, whatever their nodes.
 *
 * @param id names it on its node
 * @param since when it was registered, in Unix milliseconds or a little more: no two connections of a user have the same,
 *     and the newer has the greater. {@link #UNKNOWN} until it is registered
 */
public record LiveConnection(ConnectionId id, long since) {

    /** It is newer than every other connection of the user. */
    public static final long UNKNOWN = 0;

    public LiveConnection {
        if (since < 0) {
            throw new IllegalArgumentException("since must be 0 or more, got " + since);
        }
    }
}

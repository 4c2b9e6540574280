package io.redmessenger.bootstrap.faults;

/**
 * What a reader saw or did. A reader is a client that recognises repetitions by id, and comes back by itself: it has one
 * connection after the other, which are numbered.
 */
sealed interface Event {

    String reader();

    int connection();

    /** Milliseconds of the run. */
    long at();

    /** It is let in, or will be, by this node. */
    record Opened(String reader, String user, int connection, int node, long at) implements Event {}

    record Received(String reader, String user, int connection, String id, String payload, boolean redelivered, long at)
            implements Event {}

    /** It has told the server that this message, and all before it on the connection, are done with. */
    record Acknowledged(String reader, String user, int connection, String id, long at) implements Event {}

    /** It was told that the limit has dropped so many. */
    record Missed(String reader, String user, int connection, int count, long at) implements Event {}

    /** @param heard when something came for the last time, and so proved that the connection lived */
    record Closed(String reader, int connection, String why, long heard, long at) implements Event {}
}

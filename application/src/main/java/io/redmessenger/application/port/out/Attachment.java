package io.redmessenger.application.port.out;

import io.redmessenger.domain.connection.LiveConnection;
import java.util.List;

/**
 * What a node finds when it attaches to an inbox.
 *
 * @param epoch names the numbering of the inbox
 * @param first the position of the first message not yet acknowledged
 * @param last the position of the newest message; {@code first - 1} when nothing waits
 * @param shown the position through which messages may have been shown on an earlier connection
 * @param dropped how many messages the limit has pushed out of this inbox so far
 * @param missed how many of those the user has not been told of
 * @param connections those of this node's connections that may stay, oldest first, with the time since when they are
 *     registered; the others were replaced because the user has too many
 * @param oldestHere whether the user's oldest connection is one of them
 */
public record Attachment(
        String epoch,
        long first,
        long last,
        long shown,
        long dropped,
        long missed,
        List<LiveConnection> connections,
        boolean oldestHere) {

    public Attachment {
        connections = List.copyOf(connections);
    }

    /** How many messages wait. */
    public long pending() {
        return last - first + 1;
    }
}

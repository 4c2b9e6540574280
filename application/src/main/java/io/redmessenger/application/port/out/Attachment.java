package io.redmessenger.application.port.out;

/**
 * What a node finds when it attaches to an inbox.
 *
 * @param epoch names the numbering of the inbox
 * @param first the position of the first message not yet acknowledged
 * @param last the position of the newest message; {@code first - 1} when nothing waits
 * @param shown the position through which messages may have been shown on an earlier connection
 * @param dropped how many messages the limit has pushed out of this inbox so far
 * @param missed how many of those the user has not been told of
 */
public record Attachment(String epoch, long first, long last, long shown, long dropped, long missed) {

    /** How many messages wait. */
    public long pending() {
        return last - first + 1;
    }
}

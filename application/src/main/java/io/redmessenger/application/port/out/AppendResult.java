package io.redmessenger.application.port.out;

import io.redmessenger.domain.recipient.UserId;

/** What became of a message for one user. */
public sealed interface AppendResult {

    UserId user();

    /**
     * It is in the inbox.
     *
     * @param place where; meaningful only to a node that is attached
     * @param dropped how many older messages the limit pushed out for it
     * @param attachedHere whether this node has a view of the inbox
     * @param attachedElsewhere how many other nodes have, all of which were notified
     * @param repeated whether an earlier append of the same message had stored it already
     * @param oldestHere whether this node has the user's oldest connection, which bubbles this message. Of all nodes that
     *     are attached when the message is stored, one is told so
     */
    record Stored(
            UserId user,
            InboxPlace place,
            int dropped,
            boolean attachedHere,
            int attachedElsewhere,
            boolean repeated,
            boolean oldestHere)
            implements AppendResult {}

    /** It could not be stored for this user; the others are not affected. */
    record Rejected(UserId user, ErrorCode code) implements AppendResult {}
}

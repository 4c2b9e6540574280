package io.redmessenger.application.port.out;

/** Counts what happens, for operators. Safe for concurrent use, and cheap: called for every message. */
public interface Telemetry {

    default void count(Event event) {
        count(event, 1);
    }

    /** @param amount 0 or more */
    void count(Event event, long amount);

    /** What is counted. */
    enum Event {
        /** A publication was heard or received, and is well-formed. */
        PUBLICATION_ACCEPTED,
        /** A publication was refused for its address. */
        PUBLICATION_BAD_ADDRESS,
        /** A publication was refused because its payload is not UTF-8. */
        PUBLICATION_NOT_UTF8,
        /** A publication was refused because its payload is too large. */
        PUBLICATION_TOO_LARGE,
        /** A publication was refused because a field is missing, there twice, or cannot be read. */
        PUBLICATION_MALFORMED,
        /** A publication was made before under the same name; it was accepted and not delivered again. */
        PUBLICATION_REPEATED,
        /** A publication was taken over from a reader that had not finished it. */
        PUBLICATION_TAKEN_OVER,
        /** A publication of the durable way in was put among the dead letters. */
        PUBLICATION_BURIED,
        /** A publication was given up because it cannot be stored, or because too many wait. */
        PUBLICATION_LOST,
        /** A publication could not be stored for one user, or one channel, because something else is under the key. */
        WRONG_KIND,
        /** A message was stored in one inbox. */
        STORED,
        /** A message was offered to one connection. */
        OFFERED,
        /** A message was offered that may have been shown before. */
        REDELIVERED,
        /** A message was acknowledged by one connection. */
        ACKNOWLEDGED,
        /** A message had expired when its turn came. */
        EXPIRED,
        /** A message was pushed out of an inbox by the limit. */
        DROPPED,
        /** An inbox held an entry that is no message; it was skipped. */
        UNREADABLE_ENTRY,
        /** A session was opened. */
        SESSION_OPENED,
        /** A session was refused for a missing or wrong key. */
        SESSION_UNAUTHORIZED,
        /** The oldest connection of a user gave way to a newer one. */
        SESSION_REPLACED,
        /** The store could not be reached. */
        STORE_LOST,
        /** The store answered, and began to refuse writes: it is full, cannot save, or lacks replicas. */
        STORE_REFUSING,
        /** The store came back as another one, or from an earlier state: a failover, or a restart. */
        STORE_CHANGED,
        /** An inbox with live views had gone back to an earlier state, under the same numbering. */
        INBOX_REWOUND,
        /** An inbox with live views had begun another numbering: expired, lost, or removed by hand. */
        INBOX_RENUMBERED,
        /** A message that was stored is gone without being done with; of an inbox that was rewound, at least so many. */
        MESSAGE_LOST_BY_STORE,
        /** The Pub/Sub subscription of this node was found dead; this node has not heard what was published meanwhile. */
        SUBSCRIPTION_GAP,
        /** For a while no node may have heard what was published; counted by the node that found out. */
        PUBLICATION_GAP,
        /** The length of such a gap, in milliseconds. */
        PUBLICATION_GAP_MILLIS,
        /** A connection broke its protocol. */
        PROTOCOL_VIOLATION,
        /** A connection did not identify itself in time. */
        IDENTIFY_TIMEOUT,
        /** A connection did not answer in time and was ended. */
        PING_TIMEOUT
    }
}

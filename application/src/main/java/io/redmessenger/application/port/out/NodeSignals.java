package io.redmessenger.application.port.out;

import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;

/** What other nodes and the store tell this node. A signal may get lost; {@link Listener#storeRestored} follows then. */
public interface NodeSignals {

    /** Sets who listens. To be called once, before the node attaches to its first inbox. */
    void listen(Listener listener);

    /** Whether the store answered lately. */
    boolean isStoreAvailable();

    /** Called on threads of the store's side; must return at once. */
    interface Listener {

        /**
         * Another node stored {@code message} in an inbox attached here. What this node appends itself it learns from
         * the {@link AppendResult}.
         *
         * @param oldestHere whether this node has the user's oldest connection, which bubbles this message
         */
        void appended(UserId user, InboxPlace place, Message message, boolean oldestHere);

        /**
         * The user has too many connections since one was opened on another node; this one of this node was the oldest,
         * and is to be closed. Comes before any message that another connection bubbles instead. When it gets lost, the
         * next {@link Inbox#attach} tells.
         */
        void replaced(UserId user, ConnectionId connection);

        /** The store, or the signals, cannot be reached. */
        void storeLost();

        /** Both are back. Anything may have happened in between, to inboxes and to the registration of this node. */
        void storeRestored();
    }
}

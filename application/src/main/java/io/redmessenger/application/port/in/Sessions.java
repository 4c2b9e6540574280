package io.redmessenger.application.port.in;

import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Lets connections in, and delivers to them. Safe for concurrent use; nothing here blocks. */
public interface Sessions {

    /**
     * Begins a session for a connection that has said who it is. The answer comes by the connection: either
     * {@link ConnectionPort#opened}, or {@link ConnectionPort#close} with the reason.
     *
     * @param user who it says it is
     * @param credential what it shows to prove it; looked at in secure mode only
     * @param resumeAfter the newest message that the client has from an earlier connection: it and all before it are done.
     *     One that does not wait in the inbox is ignored
     * @return how the transport reports what happens on the connection; usable at once
     */
    Session open(
            UserId user, Optional<Credential> credential, Optional<MessageId> resumeAfter, ConnectionPort connection);

    /** As above, for a client that has nothing. */
    default Session open(UserId user, Optional<Credential> credential, ConnectionPort connection) {
        return open(user, credential, Optional.empty(), connection);
    }

    /**
     * Stops: no new session begins, and the live ones are closed with {@code GOING_AWAY}, evenly over {@code spread}, so
     * that their clients do not all come back at once.
     *
     * @param spread zero closes all at once
     * @return completes when every session has ended and its progress is recorded
     */
    CompletionStage<Void> drain(Duration spread);

    /** What a transport reports about its connection. Calls may come from any thread, and are carried out in order. */
    interface Session {

        /** There is proof that everything through this {@code sequence} arrived. */
        void acknowledge(long sequence);

        /** The client says it is done with this message and all before it. Unknown ids are ignored. */
        void acknowledge(MessageId id);

        /**
         * The network has taken everything through this {@code sequence}. For a transport whose client cannot acknowledge
         * while it is connected: it makes room for more, and acknowledges nothing.
         */
        void written(long sequence);

        /** The connection is gone, whoever ended it. Later calls are ignored. */
        void closed();
    }
}

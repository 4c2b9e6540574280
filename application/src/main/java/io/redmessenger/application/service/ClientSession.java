package io.redmessenger.application.service;

import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.domain.delivery.View;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One connection and its view of the inbox. The fields belong to the user's lane; the methods only hand over to it. */
final class ClientSession implements Sessions.Session {

    final UserId userId;
    final ConnectionPort connection;

    /** What the client has from an earlier connection. */
    final Optional<MessageId> resumeAfter;

    final View view = new View();

    /** Set when the connection is let in. */
    @Nullable
    AttachedUser user;

    /** Whether the view has begun: the inbox is attached and the connection was told. */
    boolean begun;

    boolean ended;

    /** How many dropped messages the connection was told of; the next acknowledgement confirms that. */
    long told;

    private final Executor lane;

    ClientSession(UserId userId, Optional<MessageId> resumeAfter, ConnectionPort connection, Executor lane) {
        this.resumeAfter = resumeAfter;
        this.userId = userId;
        this.connection = connection;
        this.lane = lane;
    }

    @Override
    public void acknowledge(long sequence) {
        lane.execute(() -> {
            if (user != null) {
                user.acknowledged(this, sequence);
            }
        });
    }

    @Override
    public void acknowledge(MessageId id) {
        lane.execute(() -> view.sequenceOf(id).ifPresent(sequence -> {
            if (user != null) {
                user.acknowledged(this, sequence);
            }
        }));
    }

    @Override
    public void written(long sequence) {
        lane.execute(() -> {
            if (user != null) {
                user.written(this, sequence);
            }
        });
    }

    @Override
    public void closed() {
        lane.execute(() -> {
            if (!ended) {
                ended = true;
                if (user != null) {
                    user.left(this);
                }
            }
        });
    }
}

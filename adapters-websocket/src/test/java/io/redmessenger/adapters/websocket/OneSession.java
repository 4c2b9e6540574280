package io.redmessenger.adapters.websocket;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Sessions that only remember whose connection it is, and what it reports; the test plays the session. */
public final class OneSession implements Sessions, Sessions.Session {

    private final CompletableFuture<ConnectionPort> connection = new CompletableFuture<>();
    private final List<Long> acknowledged = new CopyOnWriteArrayList<>();
    private final List<MessageId> named = new CopyOnWriteArrayList<>();
    private final List<Long> written = new CopyOnWriteArrayList<>();
    private final AtomicInteger ends = new AtomicInteger();

    @Override
    public Session open(
            UserId user, Optional<Credential> credential, Optional<MessageId> resumeAfter, ConnectionPort port) {
        connection.complete(port);
        return this;
    }

    @Override
    public CompletionStage<Void> drain(Duration spread) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void acknowledge(long sequence) {
        acknowledged.add(sequence);
    }

    @Override
    public void acknowledge(MessageId id) {
        named.add(id);
    }

    @Override
    public void written(long sequence) {
        written.add(sequence);
    }

    @Override
    public void closed() {
        ends.incrementAndGet();
    }

    /** Waits until there is a connection, and returns it. */
    public ConnectionPort connection() {
        return Await.value(connection);
    }

    /** The sequence numbers that were acknowledged so far, in order. */
    public List<Long> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /** The messages that were acknowledged by their ids so far, in order. */
    public List<MessageId> named() {
        return List.copyOf(named);
    }

    /** The sequence numbers that were reported as written so far, in order. */
    public List<Long> written() {
        return List.copyOf(written);
    }

    /** How often the end was reported. */
    public int ends() {
        return ends.get();
    }
}

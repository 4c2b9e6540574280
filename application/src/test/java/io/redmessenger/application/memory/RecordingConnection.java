package io.redmessenger.application.memory;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.delivery.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A connection that only remembers what it was told. Safe for concurrent use. */
public final class RecordingConnection implements ConnectionPort {

    /** One call. */
    public sealed interface Call {

        /** {@link ConnectionPort#opened}. */
        record Opened(long pending) implements Call {}

        /** {@link ConnectionPort#missed}. */
        record Missed(long count) implements Call {}

        /** {@link ConnectionPort#deliver}. */
        record Delivered(List<Delivery.Offered> batch, boolean bubble) implements Call {
            public Delivered {
                batch = List.copyOf(batch);
            }
        }

        /** {@link ConnectionPort#close}. */
        record Closed(CloseReason reason) implements Call {}
    }

    private final ConnectionId id;
    private final List<Call> calls = new ArrayList<>();

    public RecordingConnection(long id) {
        this.id = new ConnectionId(id);
    }

    @Override
    public ConnectionId id() {
        return id;
    }

    @Override
    public void opened(long pending) {
        record(new Call.Opened(pending));
    }

    @Override
    public void missed(long count) {
        record(new Call.Missed(count));
    }

    @Override
    public void deliver(List<Delivery.Offered> batch, boolean bubble) {
        record(new Call.Delivered(batch, bubble));
    }

    @Override
    public void close(CloseReason reason) {
        record(new Call.Closed(reason));
    }

    private synchronized void record(Call call) {
        if (calls.stream().noneMatch(Call.Closed.class::isInstance)) {
            calls.add(call);
        }
    }

    /** Every call so far, in order. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    private <T extends Call> List<T> calls(Class<T> kind) {
        return calls().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** How many messages waited when it was opened; empty until it is. */
    public Optional<Long> pending() {
        return calls(Call.Opened.class).stream().findFirst().map(Call.Opened::pending);
    }

    /** All that was offered so far, in order. */
    public List<Delivery.Offered> offered() {
        return calls(Call.Delivered.class).stream()
                .flatMap(call -> call.batch().stream())
                .toList();
    }

    /** The payloads of all that was offered so far, in order. */
    public List<String> payloads() {
        return offered().stream().map(offer -> offer.message().payload().text()).toList();
    }

    /** Whether the latest batch bubbled; false before the first. */
    public boolean bubbled() {
        List<Call.Delivered> delivered = calls(Call.Delivered.class);
        return !delivered.isEmpty() && delivered.get(delivered.size() - 1).bubble();
    }

    /** How many messages it was told to have missed. */
    public long missed() {
        return calls(Call.Missed.class).stream().mapToLong(Call.Missed::count).sum();
    }

    /** Why it was closed; empty while it is open. */
    public Optional<CloseReason> closed() {
        return calls(Call.Closed.class).stream().findFirst().map(Call.Closed::reason);
    }

    /** Waits until it is opened, and returns how many messages waited. */
    public long awaitOpened() {
        Await.until("connection " + id.value() + " is opened", () -> pending().isPresent());
        return pending().orElseThrow();
    }

    /** Waits until {@code count} messages were offered, and returns all that were. */
    public List<Delivery.Offered> awaitOffered(int count) {
        Await.until(
                "connection " + id.value() + " is offered " + count + " messages",
                () -> offered().size() >= count);
        return offered();
    }

    /** Waits until it is closed, and returns why. */
    public CloseReason awaitClosed() {
        Await.until("connection " + id.value() + " is closed", () -> closed().isPresent());
        return closed().orElseThrow();
    }
}

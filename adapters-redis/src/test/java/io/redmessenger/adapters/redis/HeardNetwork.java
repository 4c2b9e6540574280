package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redmessenger.application.memory.InMemoryLeases;
import io.redmessenger.application.port.out.Lease;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Pub/Sub in memory: every member hears everything, in the same order. */
final class HeardNetwork implements HeardProgress {

    private final InMemoryLeases.Register leases;
    private final Clock clock;
    private final List<HeardPublications> listeners = new ArrayList<>();
    private final List<String> markers = new ArrayList<>();
    private @Nullable Recorded record;

    HeardNetwork(InMemoryLeases.Register leases, Clock clock) {
        this.leases = leases;
        this.clock = clock;
    }

    /** Adds a node, which listens from now on. */
    HeardPublications add(Function<HeardProgress, HeardPublications> node) {
        HeardPublications added = node.apply(this);
        added.start();
        connect(added);
        return added;
    }

    synchronized void connect(HeardPublications node) {
        listeners.add(node);
        node.listening();
    }

    /** Something is published after the node has begun to listen, and before it can do anything about that. */
    synchronized void connectAndPublish(HeardPublications node, String channel, String payload) {
        connectAllAndPublish(List.of(node), channel, payload);
    }

    /** The same for several nodes at once. */
    synchronized void connectAllAndPublish(List<HeardPublications> nodes, String channel, String payload) {
        nodes.forEach(this::connect);
        publish(channel, payload);
    }

    /** The subscription of the node breaks. */
    synchronized void cut(HeardPublications node) {
        listeners.remove(node);
        node.broken();
    }

    /** The node closes its subscription, or dies. */
    synchronized void remove(HeardPublications node) {
        listeners.remove(node);
    }

    synchronized void publish(String channel, String payload) {
        publish(channel.getBytes(UTF_8), payload);
    }

    private void publish(byte[] channel, String payload) {
        listeners.forEach(node -> node.heard(channel, payload.getBytes(UTF_8)));
    }

    /** Whether everything through {@code name} is recorded. */
    synchronized boolean isRecorded(Name name) {
        if (record == null) {
            return false;
        }
        int recorded = markers.indexOf(record.through().marker());
        int asked = markers.indexOf(name.marker());
        return recorded > asked || (recorded == asked && record.through().number() >= name.number());
    }

    @Override
    public synchronized CompletionStage<Long> leave() {
        publish(RedisKeys.MARKERS, "-");
        return CompletableFuture.completedFuture((long) listeners.size());
    }

    @Override
    public synchronized CompletionStage<Long> join(String marker) {
        markers.add(marker);
        publish(RedisKeys.MARKERS, marker);
        return CompletableFuture.completedFuture((long) listeners.size());
    }

    @Override
    public synchronized CompletionStage<Long> ask(String marker) {
        publish(RedisKeys.MARKERS, "? " + marker);
        return CompletableFuture.completedFuture((long) listeners.size());
    }

    @Override
    public synchronized CompletionStage<Long> answer(String marker, Name last) {
        publish(RedisKeys.MARKERS, marker + " < " + last.marker() + " " + last.number());
        return CompletableFuture.completedFuture((long) listeners.size());
    }

    @Override
    public synchronized CompletionStage<Boolean> mark(
            Lease lease, Optional<String> marker, Name through, long gapMillis) {
        if (!leases.isHeld(lease)) {
            return CompletableFuture.completedFuture(false);
        }
        marker.ifPresent(markers::add);
        record = new Recorded(through, clock.millis());
        publish(RedisKeys.MARKERS, marker.orElse("-") + " " + through.marker() + " " + through.number());
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public synchronized CompletionStage<Outlook> look() {
        return CompletableFuture.completedFuture(
                new Outlook(listeners.size(), clock.millis(), Optional.ofNullable(record)));
    }
}

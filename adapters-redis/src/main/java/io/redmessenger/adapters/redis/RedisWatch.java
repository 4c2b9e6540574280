package io.redmessenger.adapters.redis;

import io.lettuce.core.SetArgs;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether Redis answers, takes writes, and the subscriptions hear, by writing and publishing a numbered probe
 * every second and listening for it. A subscription that does not hear one that was published is replaced. Everything
 * runs on a thread of its own.
 *
 * <p>A Redis that is read-only, loading or busy counts as lost like one that does not answer: its data may be others
 * when it is back. One that is full, cannot save or lacks replicas refuses writes, and that is all.
 */
final class RedisWatch {

    private static final Logger log = LoggerFactory.getLogger(RedisWatch.class);

    private static final long TICK_MILLIS = 100;
    private static final long PROBE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long DEAF_NANOS = Duration.ofSeconds(3).toNanos();
    private static final int FAILURES_BEFORE_REPLACING = 2;
    private static final long LOOK_SOON_NANOS = Duration.ofMillis(500).toNanos();
    private static final long PROBE_LIFE_MILLIS = 10_000;

    /** Told of changes, on the watch's thread. */
    interface Listener {
        void lost();

        void restored();
    }

    private final RedisConnections connections;
    private final byte[] probes;
    private final RedisIdentity identity;
    private final Telemetry telemetry;
    private final Listener listener;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "redis-watch");
        t.setDaemon(true);
        return t;
    });
    private final Executor afterAWhile =
            CompletableFuture.delayedExecutor(2 * TICK_MILLIS, TimeUnit.MILLISECONDS, this::execute);
    private final List<Watched> subscriptions = new ArrayList<>();
    private final CompletableFuture<Void> first = new CompletableFuture<>();

    private volatile boolean available;
    private volatile boolean refusing; // it answers, and takes no writes
    private boolean everAvailable;
    private boolean probing;
    private boolean replacing;
    private boolean looking; // for where Redis is
    private long lookedAt;
    private long failovers;
    private long restoredAtEarliest;
    private long replacedAt = System.nanoTime();
    private int failures;
    private long probe; // number of the newest probe sent
    private long probeSentAt;
    private long published; // number of the newest probe that Redis took
    private long needed = 1; // what must be heard before Redis counts as available again

    /** @param probes the channel of the probes, and the key that they are written to */
    RedisWatch(RedisConnections connections, byte[] probes, Telemetry telemetry, Listener listener) {
        this.connections = connections;
        this.probes = probes;
        this.identity = new RedisIdentity(telemetry);
        this.telemetry = telemetry;
        this.listener = listener;
    }

    /** A subscription, and what is known of it. */
    private static final class Watched {
        final RedisSubscription subscription;
        final boolean essential;
        boolean gap;
        long gapSince;
        long gapEndsWith; // the probe that proves that it hears again
        long unheardSince; // 0 when it has heard everything

        Watched(RedisSubscription subscription, boolean essential) {
            this.subscription = subscription;
            this.essential = essential;
        }
    }

    /** Whether Redis answers and takes writes, and the essential subscriptions hear. */
    boolean isAvailable() {
        return available && !refusing;
    }

    /** Begins; completes once the first probe has come back. */
    CompletionStage<Void> start() {
        execute(() -> {
            lookedAt = System.nanoTime(); // when it connected
            restoredAtEarliest = lookedAt;
        });
        connections.onChange(this::check);
        var unused = thread.scheduleWithFixedDelay(this::guardedTick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return first;
    }

    /**
     * Watches one more subscription, which is open.
     *
     * @param essential whether Redis counts as lost while it does not hear
     */
    void watch(RedisSubscription subscription, boolean essential) {
        subscription.onChange(this::check);
        execute(() -> subscriptions.add(new Watched(subscription, essential)));
    }

    void unwatch(RedisSubscription subscription) {
        execute(() -> subscriptions.removeIf(watched -> watched.subscription.equals(subscription)));
    }

    /** Counts Redis as lost for a while, so that everything is looked at afresh after that. */
    void interrupt(Duration pause) {
        execute(() -> {
            restoredAtEarliest = System.nanoTime() + pause.toNanos();
            if (available) {
                lost();
            }
        });
    }

    private void check() {
        execute(this::guardedTick);
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    private void guardedTick() {
        try {
            tick();
        } catch (RuntimeException e) {
            log.error("watching Redis failed", e);
        }
    }

    private void tick() {
        long now = System.nanoTime();
        lookForHome(now);
        for (Watched watched : subscriptions) {
            look(watched, now);
        }
        boolean hears = subscriptions.stream()
                .filter(watched -> watched.essential)
                .allMatch(watched -> watched.subscription.isConnected() && watched.subscription.probeHeard() >= needed);
        boolean listens = subscriptions.stream()
                .filter(watched -> watched.essential)
                .allMatch(watched -> watched.subscription.isConnected());
        if (available && (!connections.isOpen() || !listens)) {
            lost();
        } else if (!available
                && now - restoredAtEarliest >= 0
                && connections.isOpen()
                && published >= needed
                && hears
                && !subscriptions.isEmpty()) {
            restored();
        }
        if (!probing && (!available || now - probeSentAt >= PROBE_NANOS)) {
            sendProbe(now);
        }
        if (!available
                && failures >= FAILURES_BEFORE_REPLACING
                && connections.isOpen()
                && !replacing
                && now - replacedAt >= PROBE_NANOS) {
            replace(() -> failures >= FAILURES_BEFORE_REPLACING);
        }
    }

    private void replace(Supplier<Boolean> stillWanted) {
        replacing = true;
        replacedAt = System.nanoTime();
        connections.replace(stillWanted).whenComplete((done, failure) -> execute(() -> replacing = false));
    }

    /** Moves after the server that all listen at, and has everything looked at afresh when a replica became a master. */
    private void lookForHome(long now) {
        long every = available && !connections.isSuspicious()
                ? connections.lookEvery().toNanos()
                : LOOK_SOON_NANOS;
        if (!looking && now - lookedAt >= every) {
            looking = true;
            lookedAt = now;
            connections
                    .look()
                    .whenComplete((done, failure) -> execute(() -> {
                        looking = false;
                        if (failure != null) {
                            log.debug("nobody tells where Redis is: {}", failure.getMessage());
                        }
                        guardedTick();
                    }));
        }
        boolean failedOver = connections.failovers() != failovers;
        failovers = connections.failovers();
        boolean moved = !connections.isAtHome();
        if (available && (failedOver || moved)) {
            lost();
        }
        if (moved && !replacing) {
            replace(() -> true);
        }
    }

    private void sendProbe(long now) {
        if (!connections.isOpen()) {
            return;
        }
        long number = ++probe;
        probeSentAt = now;
        byte[] value = ScriptArguments.utf8(number);
        CompletionStage<Optional<PortException>> writing =
                failureOf(connections.atHome().set(probes, value, SetArgs.Builder.px(PROBE_LIFE_MILLIS)));
        failureOf(connections.publish(probes, value))
                .thenAcceptBoth(
                        writing,
                        (unheard, unwritten) -> execute(() -> {
                            probing = false;
                            probed(number, unheard, unwritten);
                            guardedTick();
                        }));
        probing = true; // not before: sending may fail, and there is a next tick then
    }

    private static CompletionStage<Optional<PortException>> failureOf(CompletionStage<?> stage) {
        return stage.handle(
                (done, failure) -> failure == null ? Optional.empty() : Optional.of(RedisFailures.translate(failure)));
    }

    private void probed(long number, Optional<PortException> unheard, Optional<PortException> unwritten) {
        Optional<PortException> refusal = unwritten.filter(RedisFailures::refusesOnlyWrites);
        Optional<PortException> failure = unheard.or(() -> refusal.isPresent() ? Optional.empty() : unwritten);
        if (failure.isEmpty()) {
            failures = 0;
            published = Math.max(published, number);
            refuse(refusal);
            return;
        }
        connections.suspect();
        boolean silent = failure.get().code() == ErrorCode.STORE_UNAVAILABLE;
        if (silent || RedisFailures.isReadOnly(failure.get())) {
            failures++; // another connection may do better: the address may lead to another Redis by now
        }
        if (!silent && !everAvailable) {
            first.completeExceptionally(failure.get()); // an operator waits for the start
        }
        if (available) {
            log.warn("a probe failed: {}", failure.get().getMessage());
            lost();
        }
    }

    private void refuse(Optional<PortException> refusal) {
        if (refusal.isPresent() == refusing) {
            return;
        }
        refusing = refusal.isPresent();
        if (refusing) {
            telemetry.count(Event.STORE_REFUSING);
            log.warn(
                    "Redis takes no writes: {}; connections stay, new ones are turned away, what is published waits",
                    refusal.get().getMessage());
        } else {
            log.info("Redis takes writes again");
        }
    }

    private void look(Watched watched, long now) {
        RedisSubscription subscription = watched.subscription;
        long heard = subscription.probeHeard();
        if (!subscription.isAtHome() && !subscription.isOpening()) {
            log.info("{} moves to {}", subscription.name(), connections.address());
            watched.unheardSince = 0;
            beginGap(watched, subscription.heardAt());
            reopen(subscription);
        } else if (!subscription.isConnected()) {
            if (!watched.essential) { // of an essential one the listener is told
                beginGap(watched, subscription.heardAt());
            }
            watched.unheardSince = 0;
        } else if (heard >= published || published == 0) {
            watched.unheardSince = 0;
            if (watched.gap && heard >= watched.gapEndsWith) {
                endGap(watched, now);
            }
        } else if (watched.unheardSince == 0) {
            watched.unheardSince = now;
        } else if (now - watched.unheardSince > DEAF_NANOS && !subscription.isOpening()) {
            log.debug("{} does not hear; it is replaced", subscription.name());
            watched.unheardSince = 0;
            beginGap(watched, subscription.heardAt());
            reopen(subscription);
        }
    }

    private void reopen(RedisSubscription subscription) {
        if (available && subscriptions.stream().anyMatch(w -> w.essential && w.subscription.equals(subscription))) {
            lost();
        }
        subscription.reopen().whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("{} could not be opened: {}", subscription.name(), failure.getMessage());
                // the next attempt: not at once, for Redis may be gone
                afterAWhile.execute(() -> reopen(subscription));
            }
        });
    }

    private void beginGap(Watched watched, long since) {
        if (!watched.gap) {
            watched.gap = true;
            watched.gapSince = since;
            telemetry.count(Event.SUBSCRIPTION_GAP);
        }
        watched.gapEndsWith = probe + 1;
    }

    private void endGap(Watched watched, long now) {
        watched.gap = false;
        log.warn(
                "{} did not hear for {} ms; this node has not heard what was published meanwhile",
                watched.subscription.name(),
                TimeUnit.NANOSECONDS.toMillis(now - watched.gapSince));
    }

    private void lost() {
        available = false;
        needed = probe + 1;
        listener.lost();
    }

    private void restored() {
        available = true;
        if (!connections.isCluster()) { // there the home moves without anything being another
            identity.look(connections.atHome());
        }
        if (everAvailable) {
            listener.restored();
        }
        everAvailable = true;
        first.complete(null);
    }

    void stop() {
        thread.shutdownNow();
    }
}

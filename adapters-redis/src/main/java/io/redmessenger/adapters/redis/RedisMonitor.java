package io.redmessenger.adapters.redis;

import io.lettuce.core.api.async.RedisAsyncCommands;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves that Redis and the subscriptions are alive: it publishes a numbered probe to itself, and every subscription must hear
 * it. TCP proves nothing of the kind. Safe for concurrent use.
 */
final class RedisMonitor {

    private static final Logger log = LoggerFactory.getLogger(RedisMonitor.class);

    private static final long TICK_MILLIS = 100;
    private static final long PROBE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long DEAD_NANOS = Duration.ofSeconds(3).toNanos();

    /** A subscription, and what it has proved. Guarded by the monitor. */
    private static final class Watched {
        final String name;
        final Subscription<?> subscription;
        final boolean hearsPublications;
        long heardProbe;
        long heardAt = System.nanoTime();
        long reopenedAt = System.nanoTime();
        boolean gap = true; // until the first probe is heard
        boolean first = true;

        Watched(String name, Subscription<?> subscription, boolean hearsPublications) {
            this.name = name;
            this.subscription = subscription;
            this.hearsPublications = hearsPublications;
        }
    }

    private final RedisAsyncCommands<String, String> redis;
    private final String channel;
    private final Telemetry telemetry;
    private final NodeSignals.Listener listener;
    private final List<Watched> watched = new ArrayList<>();
    private long probe;
    private long answeredProbe;
    private long answeredAt = System.nanoTime();
    private boolean failing = true;
    private long probedAt = System.nanoTime() - PROBE_NANOS;
    private volatile boolean available;
    private boolean everAvailable;

    /** @param listener told when Redis or the subscriptions are lost and restored */
    RedisMonitor(
            RedisAsyncCommands<String, String> redis, String node, Telemetry telemetry, NodeSignals.Listener listener) {
        this.redis = redis;
        this.channel = RedisKeys.probe(node);
        this.telemetry = telemetry;
        this.listener = listener;
    }

    /** @param hearsPublications whether backends' publications are lost while it is dead */
    synchronized void watch(String name, Subscription<?> subscription, boolean hearsPublications) {
        watched.add(new Watched(name, subscription, hearsPublications));
        subscription.open();
        probedAt = System.nanoTime() - PROBE_NANOS;
    }

    /** The subscription is closed on purpose. */
    synchronized void forget(String name) {
        watched.removeIf(one -> one.name.equals(name));
    }

    void start(ScheduledExecutorService timer) {
        timer.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    boolean isAvailable() {
        return available;
    }

    /** A probe was heard on a subscription. */
    synchronized void heard(String name, String number) {
        for (Watched one : watched) {
            if (one.name.equals(name)) {
                long now = System.nanoTime();
                if (one.gap && !one.first) {
                    report(one, now - one.heardAt);
                }
                one.gap = false;
                one.first = false;
                one.heardProbe = Long.parseLong(number);
                one.heardAt = now;
            }
        }
        check();
    }

    private void report(Watched one, long nanos) {
        if (one.hearsPublications) {
            telemetry.count(Event.SUBSCRIPTION_GAP);
            log.warn(
                    "the subscription to {} was dead for up to {} ms; what was published meanwhile was not heard",
                    RedisKeys.PUBLICATIONS,
                    Duration.ofNanos(nanos).toMillis());
        }
    }

    /** The connection for commands or a subscription was cut. */
    synchronized void disconnected() {
        for (Watched one : watched) {
            if (!one.subscription.isConnected()) {
                one.gap = true;
            }
        }
        probedAt = System.nanoTime() - PROBE_NANOS;
        check();
    }

    private void tick() {
        try {
            look();
        } catch (RuntimeException defect) {
            log.error("the check of Redis failed", defect);
        }
    }

    private synchronized void look() {
        long now = System.nanoTime();
        if (now - probedAt >= PROBE_NANOS || !available) {
            probedAt = now;
            long number = ++probe;
            RedisFailures.translated(() -> redis.publish(channel, Long.toString(number)))
                    .whenComplete((receivers, failure) -> answered(number, failure == null));
        }
        for (Watched one : watched) {
            if (answeredProbe > one.heardProbe && now - one.heardAt > DEAD_NANOS && now - one.reopenedAt > DEAD_NANOS) {
                one.gap = true;
                one.reopenedAt = now;
                log.warn("the {} subscription does not hear its probes, it is opened anew", one.name);
                one.subscription.open();
            } else if (!one.subscription.isConnected() && now - one.reopenedAt > DEAD_NANOS) {
                one.gap = true;
                one.reopenedAt = now;
                one.subscription.open();
            }
        }
        check();
    }

    private synchronized void answered(long number, boolean well) {
        if (well) {
            answeredProbe = Math.max(answeredProbe, number);
            answeredAt = System.nanoTime();
            failing = false;
        } else {
            failing = true;
        }
        check();
    }

    private void check() {
        long now = System.nanoTime();
        boolean well = !failing && now - answeredAt < DEAD_NANOS;
        for (Watched one : watched) {
            well = well && !one.gap && now - one.heardAt < DEAD_NANOS;
        }
        if (well == available) {
            return;
        }
        available = well;
        if (!well) {
            listener.storeLost();
        } else if (everAvailable) {
            listener.storeRestored();
        }
        everAvailable |= well;
    }
}

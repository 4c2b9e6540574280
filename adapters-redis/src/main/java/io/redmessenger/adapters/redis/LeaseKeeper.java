package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.PortException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a lease whenever it can be had: asks for it again and again, renews it, and tells of gain and loss. Everything
 * happens on one thread, which is the listener's too.
 */
final class LeaseKeeper {

    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final int TICKS_PER_LEASE = 5;

    /** Told in turn, beginning with a gain. */
    interface Listener {
        void gained(Lease lease);

        void lost();
    }

    private final Leases leases;
    private final String name;
    private final Duration time;
    private final ScheduledExecutorService thread;
    private final Listener listener;
    private final BooleanSupplier wanted;
    private final LongSupplier nanoTime;
    private final RateLimitedLog warnings = new RateLimitedLog(log, Clock.systemUTC());

    private @Nullable Lease lease;
    private long until; // as nanoTime has it
    private long notBefore; // as nanoTime has it
    private boolean asking;
    private boolean ended;

    /**
     * @param time how long the others wait after this node has died
     * @param wanted whether to ask for the lease; asked on {@code thread}
     */
    LeaseKeeper(
            Leases leases,
            String name,
            Duration time,
            ScheduledExecutorService thread,
            Listener listener,
            BooleanSupplier wanted) {
        this(leases, name, time, thread, listener, wanted, System::nanoTime);
    }

    LeaseKeeper(
            Leases leases,
            String name,
            Duration time,
            ScheduledExecutorService thread,
            Listener listener,
            BooleanSupplier wanted,
            LongSupplier nanoTime) {
        this.leases = leases;
        this.name = name;
        this.time = time;
        this.thread = thread;
        this.listener = listener;
        this.wanted = wanted;
        this.nanoTime = nanoTime;
        this.notBefore = nanoTime.getAsLong();
    }

    void start() {
        var unused =
                thread.scheduleWithFixedDelay(this::tick, 0, time.toMillis() / TICKS_PER_LEASE, TimeUnit.MILLISECONDS);
    }

    /** The lease, as long as its time is not over by the clock of this node. */
    Optional<Lease> held() {
        return nanoTime.getAsLong() - until < 0 ? Optional.ofNullable(lease) : Optional.empty();
    }

    void tick() {
        Lease current = lease;
        if (current != null && held().isEmpty()) {
            lose("it could not be renewed in time");
            current = null;
        }
        long askedAt = nanoTime.getAsLong();
        if (asking || ended || (current == null && (askedAt - notBefore < 0 || !wanted.getAsBoolean()))) {
            return;
        }
        asking = true;
        if (current == null) {
            leases.acquire(name, time)
                    .whenComplete((granted, failure) -> execute(() -> {
                        asking = false;
                        if (failure != null) {
                            failed(failure);
                        } else {
                            granted.ifPresent(lease -> acquired(lease, askedAt));
                        }
                    }));
        } else {
            Lease renewed = current;
            leases.renew(renewed, time)
                    .whenComplete((still, failure) -> execute(() -> {
                        asking = false;
                        if (failure != null) {
                            failed(failure);
                        } else {
                            renewed(renewed, still, askedAt);
                        }
                    }));
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("keeping the lease {} failed", name, e);
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    private void acquired(Lease granted, long askedAt) {
        if (ended || !wanted.getAsBoolean()) {
            var unused = giveBack(granted);
            return;
        }
        lease = granted;
        until = askedAt + time.toNanos();
        log.info("this node has the lease {} now, token {}", name, granted.token());
        listener.gained(granted);
    }

    private void renewed(Lease asked, boolean still, long askedAt) {
        if (!asked.equals(lease)) {
            return; // lost or given back meanwhile
        }
        if (still) {
            until = askedAt + time.toNanos();
        } else {
            lose("another node has it, or it is gone from Redis");
        }
    }

    private void failed(Throwable failure) {
        if (!PortException.codeOf(failure).retryable()) {
            warnings.warn(
                    "a lease cannot be had",
                    name + ": " + RedisFailures.translate(failure).getMessage());
        }
    }

    /** To be called when Redis says that {@code over} is over. */
    void noticeLoss(Lease over) {
        if (over.equals(lease)) {
            lose("Redis says that it is over");
        }
    }

    private void lose(String why) {
        lease = null;
        log.info("this node has lost the lease {}: {}", name, why);
        listener.lost();
    }

    /**
     * Gives the lease back, and tells so. It is not asked for again before {@code pause} is over.
     *
     * @return completes once another node may have it; it never fails
     */
    CompletionStage<Void> giveUp(Duration pause, String why) {
        notBefore = nanoTime.getAsLong() + pause.toNanos();
        Lease current = lease;
        if (current == null) {
            return CompletableFuture.completedFuture(null);
        }
        lose(why);
        return giveBack(current);
    }

    /** Gives the lease back, and asks for it no more. Tells nobody of the loss. */
    CompletionStage<Void> release() {
        ended = true;
        Lease current = lease;
        lease = null;
        return current == null ? CompletableFuture.completedFuture(null) : giveBack(current);
    }

    private CompletionStage<Void> giveBack(Lease over) {
        return leases.release(over).handle((done, failure) -> {
            if (failure != null) {
                log.debug("the lease {} could not be given back; its time will be over", name, failure);
            }
            return null;
        });
    }
}

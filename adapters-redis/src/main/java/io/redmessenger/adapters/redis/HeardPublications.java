package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what was heard, in order. Redis keeps nothing of a PUBLISH, so once heard it is kept here, in memory and
 * within bounds, until it is stored. After a retryable failure nothing more is handed on until everything on its way has
 * come back; then all that failed is repeated, in order, before anything else.
 *
 * <p>Works on a thread of its own, so that the one that hears does nothing but hear.
 */
final class HeardPublications {

    private static final Logger log = LoggerFactory.getLogger(HeardPublications.class);

    /** An eighth of the heap, so that a small server is not brought down by what waits, and 64 MiB at most. */
    private static final long MAX_WAITING_BYTES =
            Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

    private static final int OVERHEAD_BYTES = 100;
    private static final int MAX_UNCONFIRMED = 4_096;
    private static final long MAX_UNCONFIRMED_CHARACTERS = 16L << 20;
    private static final long RETRY_MILLIS = 100;

    private final Publisher publisher;
    private final PublicationParser parser;
    private final Telemetry telemetry;
    private final Clock clock;
    private final long maxWaitingBytes;
    private final RateLimitedLog warnings;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "redis-publications");
        t.setDaemon(true);
        return t;
    });

    private final Executor afterAWhile =
            CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, this::execute);
    private final Queue<Heard> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    /** Set by whoever completes a publication with a failure, before anything else can be handed on. */
    private volatile boolean stopped;

    // the rest belongs to the thread
    private final ArrayDeque<Unconfirmed> unconfirmed = new ArrayDeque<>();
    private long unconfirmedCharacters;
    private int onTheirWay;
    private boolean retrying;
    private boolean draining;

    HeardPublications(Publisher publisher, PublicationParser parser, Telemetry telemetry, Clock clock) {
        this(publisher, parser, telemetry, clock, MAX_WAITING_BYTES);
    }

    HeardPublications(
            Publisher publisher, PublicationParser parser, Telemetry telemetry, Clock clock, long maxWaitingBytes) {
        this.publisher = publisher;
        this.parser = parser;
        this.telemetry = telemetry;
        this.clock = clock;
        this.warnings = new RateLimitedLog(log, clock);
        this.maxWaitingBytes = maxWaitingBytes;
    }

    private record Heard(Bytes channel, Bytes payload, long timestamp) {
        long size() {
            return (long) channel.value.length + payload.value.length + OVERHEAD_BYTES;
        }
    }

    private static final class Bytes {
        final byte[] value;

        Bytes(byte[] value) {
            this.value = value;
        }
    }

    private static final class Unconfirmed {
        Publication publication;
        boolean confirmed;
        boolean failed;

        Unconfirmed(Publication publication) {
            this.publication = publication;
        }

        int characters() {
            return publication.message().payload().text().length();
        }
    }

    /** Takes what was published to {@code channel}; returns at once. */
    void heard(byte[] channel, byte[] payload) {
        Heard heard = new Heard(new Bytes(channel), new Bytes(payload), clock.millis());
        if (waitingBytes.addAndGet(heard.size()) > maxWaitingBytes) {
            waitingBytes.addAndGet(-heard.size());
            telemetry.count(Event.PUBLICATION_LOST);
            warnings.warn("publications are lost", "more than " + maxWaitingBytes + " bytes wait already");
            return;
        }
        waiting.add(heard);
        if (scheduled.compareAndSet(false, true)) {
            execute(this::handOn);
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    private void handOn() {
        scheduled.set(false);
        while (!stopped && unconfirmed.size() < MAX_UNCONFIRMED && unconfirmedCharacters < MAX_UNCONFIRMED_CHARACTERS) {
            Heard heard = waiting.poll();
            if (heard == null) {
                break;
            }
            waitingBytes.addAndGet(-heard.size());
            parser.parse(heard.channel.value, heard.payload.value, heard.timestamp)
                    .ifPresent(publication -> {
                        Unconfirmed next = new Unconfirmed(publication);
                        unconfirmed.add(next);
                        unconfirmedCharacters += next.characters();
                        publish(next);
                    });
        }
        if (draining && waiting.isEmpty() && unconfirmed.isEmpty()) {
            drained.complete(null);
        }
    }

    private void publish(Unconfirmed next) {
        next.failed = false;
        onTheirWay++;
        CompletionStage<Publisher.Receipt> stage;
        try {
            stage = publisher.publish(next.publication);
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((receipt, failure) -> {
            if (failure != null && PortException.codeOf(failure).retryable()) {
                stopped = true;
            }
            execute(() -> settled(next, failure));
        });
    }

    private void settled(Unconfirmed one, @Nullable Throwable failure) {
        onTheirWay--;
        if (failure != null && PortException.codeOf(failure).retryable()) {
            one.failed = true;
            one.publication = one.publication.repeated();
            warnings.warn("publications wait, for they cannot be stored", reason(failure));
        } else {
            one.confirmed = true;
            if (failure != null) {
                telemetry.count(Event.PUBLICATION_LOST);
                if (PortException.codeOf(failure) == ErrorCode.WRONG_KIND) {
                    telemetry.count(Event.WRONG_KIND);
                }
                warnings.warn(
                        "a publication was given up",
                        "to " + one.publication.to().address() + ": " + reason(failure));
            }
            for (Unconfirmed head = unconfirmed.peek(); head != null && head.confirmed; head = unconfirmed.peek()) {
                unconfirmed.remove();
                unconfirmedCharacters -= head.characters();
            }
        }
        if (!stopped) {
            handOn();
        } else if (onTheirWay == 0 && !retrying) {
            retrying = true;
            afterAWhile.execute(this::repeat);
        }
    }

    private static String reason(Throwable failure) {
        return String.valueOf(RedisFailures.translate(failure).getMessage());
    }

    private void repeat() {
        retrying = false;
        stopped = false;
        for (Unconfirmed one : unconfirmed) {
            if (one.failed && !stopped) {
                publish(one);
            }
        }
        handOn();
    }

    /** Completes once everything heard is stored. */
    CompletionStage<Void> drained() {
        execute(() -> {
            draining = true;
            handOn();
        });
        return drained;
    }

    void stop() {
        thread.shutdownNow();
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.adapters.redis.PublicationStream.Begun;
import io.redmessenger.adapters.redis.PublicationStream.Finished;
import io.redmessenger.adapters.redis.PublicationStream.Remembered;
import io.redmessenger.adapters.redis.PublicationStream.Taken;
import io.redmessenger.adapters.redis.StreamEntryParser.Accepted;
import io.redmessenger.adapters.redis.StreamEntryParser.Refused;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what backends put into the stream, in order per recipient, and removes it once it is stored. One node at a
 * time reads: the one with the lease. It begins with what was taken and never finished, whoever took it.
 *
 * <p>Each recipient has a lane with one publication on its way at a time, so that nothing can pass one that has to be
 * repeated. What is on its way in all is bounded, so that a backlog leaves room for what is published live.
 *
 * <p>When the lease is lost, what was not begun is left to the next reader; so it is when this node stops. Everything
 * happens on one thread.
 */
final class StreamPublications implements LeaseKeeper.Listener {

    private static final Logger log = LoggerFactory.getLogger(StreamPublications.class);

    /** How long the others wait after the reading node has died. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    private static final int PAGE = 128;
    private static final int MAX_HELD = 1_024;
    private static final long MAX_HELD_CHARACTERS = 16L << 20;
    private static final int MAX_ON_THEIR_WAY = 64;

    private static final long RETRY_MILLIS = 300;
    private static final long REPAIR_MILLIS = 5_000;

    /** What nobody has touched for so long was taken by somebody who is no reader of ours. */
    private static final Duration SWEEP = Duration.ofMinutes(1);

    private final Publisher publisher;
    private final PublicationStream stream;
    private final StreamEntryParser parser;
    private final Telemetry telemetry;
    private final Clock clock;
    private final RateLimitedLog warnings;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "redis-stream");
        t.setDaemon(true);
        return t;
    });
    private final LeaseKeeper keeper;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    // the rest belongs to the thread

    private final PublicationLanes lanes = new PublicationLanes();

    /** What is published, and to be removed from the stream. */
    private final ArrayDeque<StreamedPublication> finished = new ArrayDeque<>();

    private int onTheirWay;
    private int burying;
    private boolean finishing;
    private boolean taking;
    private boolean draining;
    private boolean leaving;
    private long term; // counts how often the lease was gained or lost
    private long successes;
    private String unfinished = PublicationStream.END; // where to go on with what others left
    private Duration rest = Duration.ZERO;
    private String lastTaken = ""; // the entry that the group took last, once it is known
    private boolean newTerm;

    StreamPublications(
            Publisher publisher,
            PublicationStream stream,
            StreamEntryParser parser,
            Leases leases,
            Telemetry telemetry,
            Clock clock) {
        this.publisher = publisher;
        this.stream = stream;
        this.parser = parser;
        this.telemetry = telemetry;
        this.clock = clock;
        this.warnings = new RateLimitedLog(log, clock);
        this.keeper = new LeaseKeeper(leases, RedisKeys.PUBLISH_LEASE, LEASE, thread, this, () -> true);
    }

    void start() {
        keeper.start();
        var unused = thread.scheduleWithFixedDelay(
                () -> guarded(this::sweep), SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("reading rm:publish failed", e);
        }
    }

    private void later(long millis, Runnable task) {
        try {
            var unused = thread.schedule(() -> guarded(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    // --- the lease

    @Override
    public void gained(Lease lease) {
        term++;
        newTerm = true;
        lookForUnfinished(Duration.ZERO);
        pump();
    }

    @Override
    public void lost() {
        term++;
        lanes.letGo(); // it is pending, for the next reader
    }

    /** Before anything new is taken. What is held is passed over. */
    private void lookForUnfinished(Duration untouchedFor) {
        unfinished = PublicationStream.OLDEST;
        rest = untouchedFor;
    }

    private void sweep() {
        if (!newTerm && unfinished.equals(PublicationStream.END)) {
            lookForUnfinished(SWEEP);
            pump();
        }
    }

    // --- taking

    private void pump() {
        beginThoseReady();
        Optional<Lease> lease = keeper.held();
        if (draining) {
            drainedIfSo();
        } else if (lease.isPresent() && !taking && hasRoom()) {
            take(lease.get());
        }
    }

    /** What is left of an earlier term is settled first: it may be taken again, and must not be passed. */
    private boolean hasRoom() {
        return newTerm ? lanes.isEmpty() : lanes.size() <= MAX_HELD - PAGE && lanes.characters() < MAX_HELD_CHARACTERS;
    }

    private void take(Lease lease) {
        taking = true;
        newTerm = false;
        long termThen = term;
        String from = unfinished;
        Duration untouchedFor = rest;
        boolean takesNew = from.equals(PublicationStream.END);
        CompletionStage<Optional<Taken>> stage = takesNew
                ? stream.takeNew(lease, PAGE, lastTaken)
                : stream.takeUnfinished(lease, PAGE, from, untouchedFor);
        stage.whenComplete((taken, failure) -> execute(() -> {
            if (failure != null) {
                couldNotTake(failure);
                return; // taking, still
            }
            taking = false;
            if (taken.isEmpty()) {
                keeper.noticeLoss(lease);
            } else if (term == termThen && !draining) { // else it stays pending
                taken.get().entries().forEach(entry -> accept(entry, takesNew));
                if (takesNew) {
                    goOnAfterNew(taken.get());
                } else if (from.equals(unfinished) && untouchedFor.equals(rest)) { // else somebody wants to begin anew
                    goOnAfterUnfinished(taken.get());
                }
            }
            pump();
        }));
    }

    private void couldNotTake(Throwable failure) {
        ErrorCode code = PortException.codeOf(failure);
        if (code == ErrorCode.WRONG_KIND) {
            warnings.warn(
                    "rm:publish holds something else than a stream",
                    "nothing can be published by it; it is left alone");
        } else if (!code.retryable()) {
            warnings.warn("rm:publish cannot be read", reason(failure));
        }
        later(code.retryable() ? RETRY_MILLIS : REPAIR_MILLIS, () -> {
            taking = false;
            pump();
        });
    }

    private void goOnAfterUnfinished(Taken taken) {
        unfinished = taken.next();
        if (unfinished.equals(PublicationStream.END) && rest.isZero()) {
            lastTaken = taken.last(); // everything up to there is held
        }
    }

    private void goOnAfterNew(Taken taken) {
        if (!taken.entries().isEmpty()) {
            lastTaken = taken.last();
        } else if (!taken.last().equals(lastTaken)) {
            lookForUnfinished(Duration.ZERO); // an answer was lost, or the group was made anew
        } else {
            taking = true;
            stream.awaitNew(lastTaken)
                    .whenComplete((done, failure) -> later(failure == null ? 0 : RETRY_MILLIS, () -> {
                        taking = false;
                        pump();
                    }));
        }
    }

    private void accept(StreamEntry entry, boolean isNew) {
        if (lanes.holds(entry.id())) {
            return;
        }
        StreamEntryParser.Parsed parsed = parser.parse(entry, clock.millis());
        if (parsed instanceof Refused refused) {
            telemetry.count(refused.event());
            bury(entry.id(), refused.reason());
        } else if (parsed instanceof Accepted accepted) {
            StreamedPublication one = new StreamedPublication(entry, accepted, term);
            if (isNew) {
                telemetry.count(Event.PUBLICATION_ACCEPTED);
            } else {
                telemetry.count(Event.PUBLICATION_TAKEN_OVER);
                one.mayBeStored();
            }
            lanes.add(one);
        }
    }

    // --- publishing

    private void beginThoseReady() {
        while (!draining && onTheirWay < MAX_ON_THEIR_WAY) {
            Optional<Lease> lease = keeper.held();
            if (lease.isEmpty()) {
                return; // lost() comes
            }
            Optional<StreamedPublication> next = lanes.next();
            if (next.isEmpty()) {
                return;
            }
            begin(lease.get(), next.get());
        }
    }

    private void begin(Lease lease, StreamedPublication one) {
        if (one.killsWhoBeginsIt()) {
            giveUp(one, "it was begun again and again, and never finished");
            return;
        }
        if (one.hasExpired(clock.millis())) {
            telemetry.count(Event.EXPIRED);
            finish(one);
            return;
        }
        Optional<StreamedPublication> namesake = lanes.nameOrNamesake(one);
        if (namesake.isPresent()) {
            nameIsTaken(
                    one,
                    new Remembered(namesake.get().entry(), namesake.get().to().address()));
            return;
        }
        one.leave(successes);
        onTheirWay++;
        if (one.key().isEmpty() && !one.publication().again()) {
            publish(lease, one);
            return;
        }
        long times = one.begun() + 1;
        stream.begin(lease, one.entry(), times, one.key())
                .whenComplete((begun, failure) -> execute(() -> {
                    if (failure != null) {
                        comesBack(one);
                        failed(one, RedisFailures.translate(failure));
                    } else {
                        one.begun(times);
                        begun(lease, one, begun);
                    }
                    pump();
                }));
    }

    private void begun(Lease lease, StreamedPublication one, Begun begun) {
        if (!begun.leaseHeld()) {
            comesBack(one);
            lanes.forget(one);
            if (one.term() == term) {
                keeper.noticeLoss(lease);
            }
        } else if (begun.before().isPresent()) {
            comesBack(one);
            nameIsTaken(one, begun.before().get());
        } else {
            publish(lease, one);
        }
    }

    /** An earlier one to the same recipient is stored by now: it has left the lane. */
    private void nameIsTaken(StreamedPublication one, Remembered by) {
        if (by.to().equals(one.to().address())) {
            telemetry.count(Event.PUBLICATION_REPEATED);
            finish(one);
        } else {
            giveUp(one, "its id is that of entry " + by.entry() + ", which is to " + by.to());
        }
    }

    private void publish(Lease lease, StreamedPublication one) {
        CompletionStage<Publisher.Receipt> stage;
        try {
            // only fenced off: that it is done is known by its entry being gone
            stage = publisher.publish(one.publication().under(new Claim(lease, "entry", 1, false)));
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((receipt, failure) -> execute(() -> {
            comesBack(one);
            if (failure != null) {
                if (PortException.codeOf(failure) == ErrorCode.LEASE_OVER && one.term() == term) {
                    keeper.noticeLoss(lease);
                }
                failed(one, RedisFailures.translate(failure));
            } else if (receipt.rejected() > 0 && receipt.rejected() == receipt.recipients()) {
                giveUp(one, "something else than an inbox is under the key of its recipient");
            } else {
                successes++;
                finish(one);
            }
            pump();
        }));
    }

    private void comesBack(StreamedPublication one) {
        one.comeBack();
        onTheirWay--;
    }

    private void failed(StreamedPublication one, PortException failure) {
        if (failure.code() == ErrorCode.WRONG_KIND) {
            telemetry.count(Event.WRONG_KIND);
        }
        if (one.term() != term) {
            lanes.forget(one); // it is pending, for the next reader
        } else if (one.fails(failure.code(), successes)) {
            giveUp(one, "it cannot be stored: " + failure.getMessage());
        } else {
            warnings.warn(
                    "publications of rm:publish wait, for they cannot be stored", String.valueOf(failure.getMessage()));
            one.mayBeStored();
            later(one.pauseMillis(), () -> {
                lanes.again(one);
                pump();
            });
        }
    }

    private static String reason(Throwable failure) {
        return String.valueOf(RedisFailures.translate(failure).getMessage());
    }

    // --- finishing

    private void finish(StreamedPublication one) {
        lanes.leave(one);
        finished.add(one);
        removeFinished();
    }

    private void removeFinished() {
        if (finishing || finished.isEmpty()) {
            return;
        }
        finishing = true;
        List<StreamedPublication> batch = new ArrayList<>();
        List<Finished> entries = new ArrayList<>();
        while (batch.size() < PAGE && !finished.isEmpty()) {
            StreamedPublication one = finished.remove();
            batch.add(one);
            entries.add(new Finished(one.entry(), one.key(), one.to().address()));
        }
        stream.finish(entries)
                .whenComplete((done, failure) -> later(failure == null ? 0 : RETRY_MILLIS, () -> {
                    finishing = false;
                    if (failure == null) {
                        batch.forEach(lanes::forget);
                    } else {
                        for (int i = batch.size() - 1; i >= 0; i--) {
                            finished.addFirst(batch.get(i));
                        }
                        warnings.warn("what is published cannot be removed from rm:publish", reason(failure));
                    }
                    removeFinished();
                    pump();
                }));
    }

    private void giveUp(StreamedPublication one, String reason) {
        lanes.leave(one);
        lanes.forget(one);
        if (one.term() == term) { // else it is for the next reader to judge
            bury(one.entry(), reason);
        }
    }

    /** It is not held meanwhile: when it cannot be buried it stays pending, and is looked at again. */
    private void bury(String entry, String reason) {
        warnings.warn("an entry of rm:publish goes to rm:dead", entry + ": " + reason);
        burying++;
        stream.bury(entry, reason)
                .whenComplete((buried, failure) -> execute(() -> {
                    burying--;
                    if (failure != null) {
                        couldNotBury(entry, failure);
                    } else if (buried) {
                        telemetry.count(Event.PUBLICATION_BURIED);
                    }
                    pump();
                }));
    }

    private void couldNotBury(String entry, Throwable failure) {
        warnings.warn("an entry of rm:publish cannot be moved to rm:dead", entry + ": " + reason(failure));
        if (PortException.codeOf(failure).retryable()) {
            later(REPAIR_MILLIS, () -> {
                lookForUnfinished(Duration.ZERO);
                pump();
            });
        }
    }

    // --- the end

    /** Takes nothing more; completes once all that was begun is finished, and another node may read. */
    CompletionStage<Void> drained() {
        execute(() -> {
            draining = true;
            term++;
            lanes.letGo();
            pump();
        });
        return drained;
    }

    private void drainedIfSo() {
        if (onTheirWay == 0 && burying == 0 && !finishing && finished.isEmpty() && !leaving) {
            leaving = true;
            keeper.release().whenComplete((done, failure) -> drained.complete(null));
        }
    }

    void stop() {
        thread.shutdownNow();
        stream.close();
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.adapters.redis.HeardProgress.Name;
import io.redmessenger.adapters.redis.HeardProgress.Outlook;
import io.redmessenger.adapters.redis.HeardProgress.Recorded;
import io.redmessenger.adapters.redis.RedisHeardProgress.News;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Attempt;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.MessageId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what was heard, in order. Redis keeps nothing of a PUBLISH, so once heard it is kept here, in memory and
 * within bounds, until it is stored.
 *
 * <p>All nodes hear all of it; the holder of a lease publishes. Redis hands everything to all its subscribers in the same
 * order, markers that the nodes publish among it, so a marker and a number behind it name each publication alike on every
 * node. The holder records through which name all is stored, and tells the others, which forget that much and keep the
 * rest. Whoever gets the lease next goes on behind what is recorded; what its predecessor had stored beyond that is known
 * to Redis by the same names, so that nothing is stored twice. Whoever gets it and misses something gives it back once, for
 * another may miss nothing; when it gets it again it reports the gap, and goes on.
 *
 * <p>After a retryable failure nothing more is handed on until everything on its way has come back; then all that failed is
 * repeated, in order, before anything else.
 *
 * <p>Works on a thread of its own, so that the one that hears does nothing but hear.
 */
final class HeardPublications implements RedisSubscription.Listener, LeaseKeeper.Listener {

    private static final Logger log = LoggerFactory.getLogger(HeardPublications.class);

    /** How long the others wait after the publishing node has died. What they hear meanwhile waits in their memory. */
    private static final Duration LEASE = Duration.ofSeconds(3);

    /** An eighth of the heap, so that a small server is not brought down by what waits, and 64 MiB at most. */
    private static final long MAX_WAITING_BYTES =
            Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

    /** How long the others have to tell that they have heard more than this node, and then to take the lease. */
    private static final Duration STEP_BACK = Duration.ofMillis(500);

    private static final int OVERHEAD_BYTES = 100;
    private static final int MAX_UNCONFIRMED = 4_096;
    private static final long MAX_UNCONFIRMED_CHARACTERS = 16L << 20;
    private static final long RETRY_MILLIS = 100;
    private static final long MARK_MILLIS = 1_000;
    private static final int MARK_PUBLICATIONS = 8_192;
    private static final int NUMBER_DIGITS = 5;

    private final Publisher publisher;
    private final PublicationParser parser;
    private final MessageIds ids;
    private final HeardProgress progress;
    private final Telemetry telemetry;
    private final Clock clock;
    private final long maxWaitingBytes;
    private final RateLimitedLog warnings;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "redis-publications");
        t.setDaemon(true);
        return t;
    });
    private final LeaseKeeper keeper;

    /** What the subscription told, and the thread has not looked at. */
    private final Queue<Runnable> told = new ConcurrentLinkedQueue<>();

    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    /** Abandoned by whoever completes a publication with a failure; what failed is repeated with the next one. */
    private Attempt attempt = new Attempt();

    /** Whether this node has the lease, and knows where to go on. Set by the thread. */
    private volatile boolean leading;

    // the rest belongs to the thread
    private final HeardLog heard = new HeardLog();
    private final ArrayDeque<Unconfirmed> unconfirmed = new ArrayDeque<>();
    private long unconfirmedCharacters;
    private int onTheirWay;
    private boolean retrying;
    private boolean draining;
    private boolean listening;
    private String joining = "";
    private long wholeSince; // when it began to hear everything, as System.nanoTime has it
    private @Nullable Lease lease;
    private boolean othersHeardMore; // than this node, which has missed something
    private boolean steppedBack;
    private boolean marking;
    private int confirmedSinceMark;
    private long gapMillis; // found, and not recorded yet

    HeardPublications(
            Publisher publisher,
            PublicationParser parser,
            MessageIds ids,
            HeardProgress progress,
            Leases leases,
            Telemetry telemetry,
            Clock clock) {
        this(publisher, parser, ids, progress, leases, telemetry, clock, MAX_WAITING_BYTES);
    }

    HeardPublications(
            Publisher publisher,
            PublicationParser parser,
            MessageIds ids,
            HeardProgress progress,
            Leases leases,
            Telemetry telemetry,
            Clock clock,
            long maxWaitingBytes) {
        this.publisher = publisher;
        this.parser = parser;
        this.ids = ids;
        this.progress = progress;
        this.telemetry = telemetry;
        this.clock = clock;
        this.warnings = new RateLimitedLog(log, clock);
        this.maxWaitingBytes = maxWaitingBytes;
        this.keeper = new LeaseKeeper(leases, RedisKeys.HEARD_LEASE, LEASE, thread, this, this::hearsEverything);
    }

    private static final class Unconfirmed {
        final HeardLog.Entry entry;
        Publication publication;
        boolean confirmed;
        boolean failed;

        Unconfirmed(HeardLog.Entry entry, Publication publication) {
            this.entry = entry;
            this.publication = publication;
        }

        int characters() {
            return publication.message().payload().text().length();
        }
    }

    void start() {
        keeper.start();
        var unused = thread.scheduleWithFixedDelay(
                () -> guarded(this::mark), MARK_MILLIS, MARK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Completes once it hears everything. */
    CompletionStage<Void> ready() {
        return ready;
    }

    // --- what the subscription tells

    @Override
    public void heard(byte[] channel, byte[] payload) {
        if (Arrays.equals(channel, RedisKeys.MARKERS)) {
            tell(() -> News.read(payload).ifPresent(this::newsHeard));
            return;
        }
        long size = size(channel, payload);
        if (waitingBytes.addAndGet(size) > maxWaitingBytes) {
            waitingBytes.addAndGet(-size);
            boolean forGood = leading;
            if (forGood) {
                telemetry.count(Event.PUBLICATION_LOST);
                warnings.warn("publications are lost", "more than " + maxWaitingBytes + " bytes wait already");
            }
            tell(() -> {
                heard.missed(forGood);
                othersHeardMore |= !forGood;
            });
            return;
        }
        long now = clock.millis();
        tell(() -> heard.heard(channel, payload, now));
    }

    @Override
    public void listening() {
        tell(() -> {
            listening = true;
            othersHeardMore = false;
            heard.interrupted();
            join();
        });
    }

    @Override
    public void broken() {
        tell(() -> {
            listening = false;
            heard.interrupted();
            if (!draining) {
                giveUp(Duration.ZERO, "its subscription is broken");
            }
        });
    }

    private static long size(byte[] channel, byte[] payload) {
        return (long) channel.length + payload.length + OVERHEAD_BYTES;
    }

    private void tell(Runnable what) {
        told.add(what);
        if (scheduled.compareAndSet(false, true)) {
            execute(this::takeIn);
        }
    }

    private void takeIn() {
        scheduled.set(false);
        for (Runnable next = told.poll(); next != null; next = told.poll()) {
            next.run();
        }
        handOn();
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    private void later(long millis, Runnable task) {
        try {
            var unused = thread.schedule(() -> guarded(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.trace("stopped", e);
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("publishing what was heard failed", e);
        }
    }

    private void forgotten(List<HeardLog.Entry> entries) {
        entries.forEach(entry -> waitingBytes.addAndGet(-size(entry.channel, entry.payload)));
    }

    // --- names

    /** Publishes a marker, so that there is one soon. */
    private void join() {
        if (!listening || heard.isNamed()) {
            return;
        }
        String marker = ids.next(clock.millis()).value();
        joining = marker;
        progress.join(marker)
                .whenComplete((listeners, failure) -> execute(() -> {
                    if (failure != null && marker.equals(joining)) { // else it listens anew since
                        later(RETRY_MILLIS, this::join);
                    }
                }));
    }

    private void newsHeard(News news) {
        if (news instanceof News.Question question) {
            heard.lastBefore(question.marker())
                    .ifPresent(last -> untold(progress.answer(question.marker(), last), "what came before a marker"));
        } else if (news instanceof News.Answer answer) {
            othersHeardMore |= heard.follows(answer.marker(), answer.last());
        } else if (news instanceof News.Marker marker) {
            markerHeard(marker);
        }
    }

    private void markerHeard(News.Marker marker) {
        if (!leading && marker.through().isPresent()) {
            forgetThrough(marker.through().get());
            steppedBack = false; // somebody else publishes
        }
        if (marker.marker().isEmpty()) { // the one that published leaves
            keeper.tick();
            return;
        }
        String id = marker.marker().get();
        boolean wasNamed = heard.isNamed();
        heard.marker(id);
        if (!wasNamed) {
            wholeSince = System.nanoTime();
            ready.complete(null);
            untold(progress.ask(id), "a question");
            keeper.tick();
        }
        if (marker.through().isEmpty()) {
            mark(); // so that the newcomer could go on at once
        }
    }

    /** Another node has stored that much. */
    private void forgetThrough(Name through) {
        Predicate<HeardLog.Entry> notBehind = heard.notBehind(through);
        for (Unconfirmed head = unconfirmed.peek();
                head != null && notBehind.test(head.entry);
                head = unconfirmed.peek()) {
            removeConfirmed();
        }
        forgotten(heard.forgetThrough(through));
    }

    /** The name through which everything is stored. */
    private Optional<Name> storedThrough() {
        Unconfirmed head = unconfirmed.peek();
        return head == null ? heard.forgottenThrough() : Optional.of(head.entry.before());
    }

    // --- the lease

    private boolean hearsEverything() {
        return listening && heard.isNamed();
    }

    @Override
    public void gained(Lease granted) {
        lease = granted;
        lookWhereToGoOn(granted);
    }

    @Override
    public void lost() {
        lease = null;
        leading = false;
    }

    private void lookWhereToGoOn(Lease granted) {
        progress.look()
                .whenComplete((outlook, failure) -> execute(() -> {
                    if (!granted.equals(lease)) {
                        return;
                    }
                    if (failure != null) {
                        warnings.warn("it cannot be looked up what is published already", reason(failure));
                        later(RETRY_MILLIS, () -> lookWhereToGoOn(granted));
                    } else {
                        goOn(granted, outlook);
                    }
                }));
    }

    private void goOn(Lease granted, Outlook outlook) {
        if (outlook.record().isPresent()) {
            Recorded recorded = outlook.record().get();
            if (!heard.holdsAllBehind(recorded.through())) {
                if (outlook.listeners() > 1 && !steppedBack && !draining && othersMayHaveHeardMore(granted)) {
                    return;
                }
                reportGap(recorded, outlook.now());
            }
            forgetThrough(recorded.through());
            heard.allMayBeStored();
        }
        steppedBack = false;
        leading = true;
        heard.nobodyElseHasTheUnnamed(joining); // else it would have been stored, and forgotten here
        mark();
        if (onTheirWay > 0) {
            attempt.abandon(); // the last one to come back has all that failed repeated
        } else if (!retrying) {
            repeat();
        }
        log.debug("publishing under lease {}", granted.token());
    }

    /** Returns whether it is for another node to go on, or to be seen whether it is. */
    private boolean othersMayHaveHeardMore(Lease granted) {
        long undecided = STEP_BACK.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - wholeSince);
        if (othersHeardMore) {
            steppedBack = true;
            giveUp(STEP_BACK, "another node has heard what this one has missed");
            later(STEP_BACK.toMillis(), keeper::tick);
            return true;
        }
        if (undecided > 0) {
            later(undecided, () -> lookWhereToGoOn(granted));
            return true;
        }
        return false;
    }

    /** The others are told, so that nothing waits for their next look. */
    private void giveUp(Duration pause, String why) {
        if (lease != null) {
            untold(keeper.giveUp(pause, why).thenCompose(free -> progress.leave()), "that the lease is free");
        }
    }

    private static void untold(CompletionStage<Long> telling, String what) {
        telling.whenComplete((told, failure) -> {
            if (failure != null) {
                log.debug("the others could not be told {}", what, failure);
            }
        });
    }

    private void reportGap(Recorded recorded, long now) {
        long heardFor = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - wholeSince);
        gapMillis = Math.max(1, now - heardFor - recorded.at());
        telemetry.count(Event.PUBLICATION_GAP);
        telemetry.count(Event.PUBLICATION_GAP_MILLIS, gapMillis);
        log.warn(
                "for {} ms perhaps no node heard everything: what was published by PUBLISH meanwhile may be lost",
                gapMillis);
    }

    private void mark() {
        Lease current = lease;
        Optional<Name> through = storedThrough();
        if (!leading || current == null || marking || through.isEmpty()) {
            return;
        }
        marking = true;
        confirmedSinceMark = 0;
        String marker = ids.next(clock.millis()).value();
        progress.mark(current, Optional.of(marker), through.get(), gapMillis)
                .whenComplete((held, failure) -> execute(() -> {
                    marking = false;
                    if (failure != null) {
                        log.debug("it could not be recorded what is published", failure);
                    } else if (held) {
                        gapMillis = 0;
                    } else {
                        keeper.noticeLoss(current);
                    }
                }));
    }

    // --- publishing

    private void handOn() {
        while (leading
                && !attempt.isAbandoned()
                && unconfirmed.size() < MAX_UNCONFIRMED
                && unconfirmedCharacters < MAX_UNCONFIRMED_CHARACTERS) {
            Optional<HeardLog.Entry> next = heard.poll();
            if (next.isEmpty()) {
                break;
            }
            handOn(next.get());
        }
        if (draining && unconfirmed.isEmpty() && heard.isEmpty()) {
            leave();
        }
    }

    private void handOn(HeardLog.Entry entry) {
        waitingBytes.addAndGet(-size(entry.channel, entry.payload));
        Name name = entry.name();
        MessageId id = new MessageId(name.marker() + Base32.text(name.number(), NUMBER_DIGITS));
        parser.parse(entry.channel, entry.payload, id, entry.timestamp).ifPresent(publication -> {
            Unconfirmed one = new Unconfirmed(entry, entry.mayBeStored ? publication.repeated() : publication);
            unconfirmed.add(one);
            unconfirmedCharacters += one.characters();
            publish(one);
        });
    }

    private void publish(Unconfirmed one) {
        Lease current = lease;
        if (current == null) {
            return; // lost meanwhile
        }
        one.failed = false;
        onTheirWay++;
        Attempt now = attempt;
        Name name = one.entry.name();
        CompletionStage<Publisher.Receipt> stage;
        try {
            stage = publisher.publish(
                    one.publication.under(new Claim(current, name.marker(), name.number(), true, now)));
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((receipt, failure) -> {
            if (failure != null && isToBeRepeated(failure)) {
                now.abandon();
            }
            execute(() -> settled(one, current, failure));
        });
    }

    private static boolean isToBeRepeated(Throwable failure) {
        ErrorCode code = PortException.codeOf(failure);
        return code.retryable() || code == ErrorCode.LEASE_OVER;
    }

    private void settled(Unconfirmed one, Lease under, @Nullable Throwable failure) {
        onTheirWay--;
        if (failure != null && isToBeRepeated(failure)) {
            one.failed = true;
            one.publication = one.publication.repeated();
            if (PortException.codeOf(failure) == ErrorCode.LEASE_OVER) {
                keeper.noticeLoss(under);
            } else {
                warnings.warn("publications wait, for they cannot be stored", reason(failure));
            }
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
                removeConfirmed();
            }
        }
        if (confirmedSinceMark >= MARK_PUBLICATIONS) {
            mark();
        }
        if (!attempt.isAbandoned()) {
            handOn();
        } else if (onTheirWay == 0 && !retrying) {
            retrying = true;
            later(RETRY_MILLIS, this::repeat);
        }
    }

    private void removeConfirmed() {
        Unconfirmed head = unconfirmed.remove();
        unconfirmedCharacters -= head.characters();
        confirmedSinceMark++;
    }

    private static String reason(Throwable failure) {
        return String.valueOf(RedisFailures.translate(failure).getMessage());
    }

    private void repeat() {
        retrying = false;
        attempt = new Attempt();
        for (Unconfirmed one : unconfirmed) {
            if (leading && one.failed && !attempt.isAbandoned()) {
                publish(one);
            }
        }
        handOn();
    }

    // --- the end

    /**
     * Lets another node publish what comes; to be called when the subscription is closed. Completes once everything heard is
     * stored, or is for another node to store.
     */
    CompletionStage<Void> drained() {
        tell(() -> {
            draining = true;
            leaveItToOthers();
        });
        return drained;
    }

    /** When another node listens it has heard the same, and publishes it, or will. */
    private void leaveItToOthers() {
        if (lease != null) {
            return;
        }
        progress.look()
                .whenComplete((outlook, failure) -> execute(() -> {
                    if (failure != null) {
                        later(RETRY_MILLIS, this::leaveItToOthers);
                    } else if (draining && lease == null && outlook.listeners() > 0) {
                        leave();
                    }
                }));
    }

    private void leave() {
        Lease current = lease;
        Optional<Name> through = storedThrough();
        CompletionStage<Boolean> told = current == null || !leading || through.isEmpty()
                ? CompletableFuture.completedFuture(true)
                : progress.mark(current, Optional.empty(), through.get(), gapMillis);
        leading = false;
        draining = false;
        told.whenComplete((held, failure) ->
                execute(() -> keeper.release().whenComplete((done, unreleased) -> drained.complete(null))));
    }

    void stop() {
        thread.shutdownNow();
    }
}

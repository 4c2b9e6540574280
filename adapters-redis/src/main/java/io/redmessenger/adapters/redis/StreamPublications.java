package io.redmessenger.adapters.redis;

import io.redmessenger.adapters.redis.PublicationStream.Begun;
import io.redmessenger.adapters.redis.PublicationStream.Finished;
import io.redmessenger.adapters.redis.PublicationStream.Remembered;
import io.redmessenger.adapters.redis.PublicationStream.Taken;
import io.redmessenger.adapters.redis.StreamEntryParser.Accepted;
import io.redmessenger.adapters.redis.StreamEntryParser.Refused;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.Recipient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

    /** How often a publication may fail by a defect. */
    private static final int MAX_DEFECTS = 8;

    /** How often a publication may fail while others do not: with the pauses, more than eight minutes. */
    private static final int MAX_TRIES = 100;

    /** How often something may be begun and never finished, as when it kills the node. */
    private static final int MAX_BEGUN = 16;

    private static final long RETRY_MILLIS = 100;
    private static final long MAX_RETRY_MILLIS = 5_000;
    private static final long REDIS_RETRY_MILLIS = 300;

    /** What nobody has touched for so long was taken by somebody who is no reader of ours. */
    private static final Duration SWEEP = Duration.ofMinutes(1);

    private final Publisher publisher;
    private final PublicationStream stream;
    private final StreamEntryParser parser;
    private final Telemetry telemetry;
    private final Clock clock;
    private final RateLimitedLog warnings = new RateLimitedLog(log);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "redis-stream");
        t.setDaemon(true);
        return t;
    });
    private final LeaseKeeper keeper;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    // the rest belongs to the thread

    /** Everything taken and not yet finished or buried, by entry. */
    private final Map<String, Item> held = new HashMap<>();

    private final Map<Recipient, Lane> lanes = new HashMap<>();
    private final ArrayDeque<Lane> ready = new ArrayDeque<>();

    /** Who has which name for its publication, until Redis remembers it. */
    private final Map<String, Item> named = new HashMap<>();

    private final ArrayDeque<Item> finished = new ArrayDeque<>();
    private long heldCharacters;
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
        this.keeper = new LeaseKeeper(leases, RedisKeys.PUBLISH_LEASE, LEASE, thread, this);
    }

    /** The publications to one recipient; the first is the one that is on its way, or about to be. */
    private static final class Lane {
        final ArrayDeque<Item> items = new ArrayDeque<>();
    }

    /** An entry, and how it fares. */
    private static final class Item {
        final String entry;
        final long term;
        final Optional<String> key;
        final int characters;
        Publication publication;
        long begun;
        boolean onItsWay;
        int failures; // in a row
        int defects;
        int tries; // that failed while others succeeded
        long successesBefore; // of others, when it was tried last

        Item(StreamEntry entry, Accepted accepted, long term) {
            this.entry = entry.id();
            this.begun = entry.begun();
            this.term = term;
            this.key = accepted.key();
            this.publication = accepted.publication();
            this.characters = publication.message().payload().text().length();
        }

        Recipient to() {
            return publication.to();
        }
    }

    void start() {
        keeper.start();
        var unused =
                thread.scheduleWithFixedDelay(this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
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
        letGo();
    }

    /** Leaves what is not on its way to the next reader, for whom it is pending. */
    private void letGo() {
        for (Lane lane : lanes.values()) {
            for (Item item : lane.items) {
                if (!item.onItsWay) {
                    forget(item);
                }
            }
        }
        lanes.clear();
        ready.clear();
        named.clear();
    }

    private void forget(Item item) {
        item.key.ifPresent(key -> named.remove(key, item));
        if (held.remove(item.entry, item)) {
            heldCharacters -= item.characters;
        }
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
        return newTerm ? held.isEmpty() : held.size() <= MAX_HELD - PAGE && heldCharacters < MAX_HELD_CHARACTERS;
    }

    private void take(Lease lease) {
        taking = true;
        newTerm = false;
        long termThen = term;
        boolean takesNew = unfinished.equals(PublicationStream.END);
        CompletionStage<Optional<Taken>> stage = takesNew
                ? stream.takeNew(lease, PAGE, lastTaken)
                : stream.takeUnfinished(lease, PAGE, unfinished, rest);
        stage.whenComplete((taken, failure) -> execute(() -> {
            if (failure != null) {
                couldNotTake(failure);
                return; // taking, still
            }
            taking = false;
            if (taken.isEmpty()) {
                keeper.noticeLoss(lease);
            } else if (term == termThen && !draining) { // else it stays pending
                if (takesNew) {
                    takenNew(taken.get());
                } else {
                    takenUnfinished(taken.get());
                }
            }
            pump();
        }));
    }

    private void couldNotTake(Throwable failure) {
        ErrorCode code = PortException.codeOf(failure);
        if (code == ErrorCode.WRONG_KIND) {
            warnings.warn(
                    "kind",
                    () ->
                            "rm:publish holds something else than a stream, so nothing can be published by it; it is left alone");
        } else if (!code.retryable()) {
            warnings.warn("take", () -> "rm:publish cannot be read: " + reason(failure));
        }
        later(code.retryable() ? REDIS_RETRY_MILLIS : MAX_RETRY_MILLIS, () -> {
            taking = false;
            pump();
        });
    }

    private void takenUnfinished(Taken taken) {
        taken.entries().forEach(entry -> accept(entry, false));
        unfinished = taken.next();
        if (unfinished.equals(PublicationStream.END) && rest.isZero()) {
            lastTaken = taken.last(); // everything up to there is held
        }
    }

    private void takenNew(Taken taken) {
        taken.entries().forEach(entry -> accept(entry, true));
        if (!taken.entries().isEmpty()) {
            lastTaken = taken.last();
        } else if (!taken.last().equals(lastTaken)) {
            lookForUnfinished(Duration.ZERO); // an answer was lost, or the group was made anew
        } else {
            taking = true;
            stream.awaitNew(lastTaken)
                    .whenComplete((done, failure) -> later(failure == null ? 0 : REDIS_RETRY_MILLIS, () -> {
                        taking = false;
                        pump();
                    }));
        }
    }

    private void accept(StreamEntry entry, boolean isNew) {
        if (held.containsKey(entry.id())) {
            return;
        }
        StreamEntryParser.Parsed parsed = parser.parse(entry, clock.millis());
        if (parsed instanceof Refused refused) {
            telemetry.count(refused.event());
            bury(entry.id(), refused.reason());
        } else if (parsed instanceof Accepted accepted) {
            Item item = new Item(entry, accepted, term);
            if (isNew) {
                telemetry.count(Event.PUBLICATION_ACCEPTED);
            } else {
                telemetry.count(Event.PUBLICATION_TAKEN_OVER);
                item.publication = item.publication.repeated();
            }
            held.put(item.entry, item);
            heldCharacters += item.characters;
            Lane lane = laneOf(item);
            lane.items.add(item);
            if (lane.items.size() == 1) {
                ready.add(lane);
            }
        }
    }

    // --- publishing

    private void beginThoseReady() {
        while (!draining && onTheirWay < MAX_ON_THEIR_WAY && !ready.isEmpty()) {
            Optional<Lease> lease = keeper.held();
            if (lease.isEmpty()) {
                return; // lost() comes
            }
            Item item = ready.remove().items.element();
            if (item.begun > MAX_BEGUN) {
                giveUp(item, "it was begun " + MAX_BEGUN + " times and never finished");
            } else if (hasExpired(item)) {
                telemetry.count(Event.EXPIRED);
                finish(item);
            } else {
                begin(lease.get(), item);
            }
        }
    }

    private boolean hasExpired(Item item) {
        Message message = item.publication.message();
        return message.ttl() != Message.NO_TTL && clock.millis() - message.timestamp() >= message.ttl();
    }

    private void begin(Lease lease, Item item) {
        Item namesake = item.key.map(key -> named.putIfAbsent(key, item)).orElse(null);
        if (namesake != null && namesake != item) {
            nameIsTaken(item, new Remembered(namesake.entry, namesake.to().address()));
            return;
        }
        item.onItsWay = true;
        onTheirWay++;
        item.successesBefore = successes;
        if (item.key.isEmpty() && !item.publication.again()) {
            publish(item);
            return;
        }
        long times = item.begun + 1;
        stream.begin(lease, item.entry, times, item.key)
                .whenComplete((begun, failure) -> execute(() -> {
                    if (begun == null || failure != null) {
                        arrived(item);
                        retry(item);
                    } else {
                        item.begun = times;
                        begun(lease, item, begun);
                    }
                    pump();
                }));
    }

    private void begun(Lease lease, Item item, Begun begun) {
        if (!begun.leaseHeld()) {
            arrived(item);
            if (item.term == term) {
                keeper.noticeLoss(lease);
            }
            forget(item);
        } else if (begun.before().isPresent()) {
            arrived(item);
            nameIsTaken(item, begun.before().get());
        } else {
            publish(item);
        }
    }

    /** An earlier one to the same recipient is stored by now: it has left the lane. */
    private void nameIsTaken(Item item, Remembered by) {
        if (by.to().equals(item.to().address())) {
            telemetry.count(Event.PUBLICATION_REPEATED);
            finish(item);
        } else {
            giveUp(item, "its id is that of entry " + by.entry() + ", which is to " + by.to());
        }
    }

    private void publish(Item item) {
        CompletionStage<Publisher.Receipt> stage;
        try {
            stage = publisher.publish(item.publication);
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((receipt, failure) -> execute(() -> {
            settled(item, receipt, failure);
            pump();
        }));
    }

    private void settled(Item item, Publisher.@Nullable Receipt receipt, @Nullable Throwable failure) {
        arrived(item);
        if (failure != null) {
            failed(item, RedisFailures.translate(failure));
        } else if (receipt != null && receipt.rejected() > 0 && receipt.rejected() == receipt.recipients()) {
            giveUp(item, "something else than an inbox is under the key of its recipient");
        } else {
            successes++;
            finish(item);
        }
    }

    private void arrived(Item item) {
        item.onItsWay = false;
        onTheirWay--;
    }

    private void failed(Item item, PortException failure) {
        switch (failure.code()) {
            case WRONG_KIND -> {
                telemetry.count(Event.WRONG_KIND);
                giveUp(item, "it cannot be stored: " + failure.getMessage());
            }
            case INTERNAL -> {
                item.defects++;
                retryUnless(item.defects == MAX_DEFECTS, item, failure);
            }
            case STORE_UNAVAILABLE -> {
                if (successes > item.successesBefore) { // else it is Redis' fault, and waiting is right
                    item.tries++;
                }
                retryUnless(item.tries == MAX_TRIES, item, failure);
            }
            case STORE_REFUSED, STORE_FORBIDDEN, OVERLOADED -> retry(item, failure);
        }
    }

    private void retryUnless(boolean enough, Item item, PortException failure) {
        if (enough) {
            giveUp(item, "it failed again and again, at last: " + failure.getMessage());
        } else {
            retry(item, failure);
        }
    }

    private void retry(Item item, PortException failure) {
        warnings.warn(
                "retry", () -> "publications of rm:publish wait, for they cannot be stored: " + failure.getMessage());
        item.publication = item.publication.repeated();
        retry(item);
    }

    /** Tries again after a while; meanwhile nothing else is published to the same recipient. */
    private void retry(Item item) {
        if (item.term != term) {
            forget(item);
            return;
        }
        long delay = Math.min(MAX_RETRY_MILLIS, RETRY_MILLIS << Math.min(item.failures++, 10));
        later(delay, () -> {
            if (item.term == term && held.get(item.entry) == item) {
                ready.add(laneOf(item));
                pump();
            }
        });
    }

    private Lane laneOf(Item item) {
        return lanes.computeIfAbsent(item.to(), to -> new Lane());
    }

    /** Lets the next publication to the same recipient have its turn. */
    private void leaveLane(Item item) {
        if (item.term != term) {
            return; // the lanes are others now
        }
        Lane lane = laneOf(item);
        lane.items.remove();
        if (lane.items.isEmpty()) {
            lanes.remove(item.to());
        } else {
            ready.add(lane);
        }
    }

    private static String reason(Throwable failure) {
        return String.valueOf(RedisFailures.translate(failure).getMessage());
    }

    // --- finishing

    private void finish(Item item) {
        leaveLane(item);
        finished.add(item);
        removeFinished();
    }

    private void removeFinished() {
        if (finishing || finished.isEmpty()) {
            return;
        }
        finishing = true;
        List<Item> batch = new ArrayList<>();
        List<Finished> entries = new ArrayList<>();
        while (batch.size() < PAGE && !finished.isEmpty()) {
            Item item = finished.remove();
            batch.add(item);
            entries.add(new Finished(item.entry, item.key, item.to().address()));
        }
        stream.finish(entries)
                .whenComplete((done, failure) -> later(failure == null ? 0 : REDIS_RETRY_MILLIS, () -> {
                    finishing = false;
                    if (failure == null) {
                        batch.forEach(this::forget);
                    } else {
                        for (int i = batch.size() - 1; i >= 0; i--) {
                            finished.addFirst(batch.get(i));
                        }
                        warnings.warn(
                                "finish",
                                () -> "what is published cannot be removed from rm:publish: " + reason(failure));
                    }
                    removeFinished();
                    pump();
                }));
    }

    private void giveUp(Item item, String reason) {
        leaveLane(item);
        forget(item);
        if (item.term == term) { // else it is for the next reader to judge
            bury(item.entry, reason);
        }
    }

    /** It is not held meanwhile: when it cannot be buried it stays pending, and is looked at again. */
    private void bury(String entry, String reason) {
        warnings.warn("bury", () -> "entry " + entry + " of rm:publish goes to rm:dead: " + reason);
        burying++;
        stream.bury(entry, reason)
                .whenComplete((buried, failure) -> execute(() -> {
                    burying--;
                    if (failure != null) {
                        warnings.warn(
                                "unburied",
                                () -> "entry " + entry + " of rm:publish cannot be moved to rm:dead: "
                                        + failure.getMessage());
                    } else if (buried) {
                        telemetry.count(Event.PUBLICATION_BURIED);
                    }
                    pump();
                }));
    }

    // --- the end

    /** Takes nothing more; completes once all that was begun is finished, and another node may read. */
    CompletionStage<Void> drained() {
        execute(() -> {
            draining = true;
            term++;
            letGo();
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

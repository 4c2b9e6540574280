package io.redmessenger.application.service;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.ConnectionSet;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.delivery.View;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user with live connections on this node: their views of the inbox, and how far they have come. Everything here runs
 * on the user's lane.
 *
 * <p>A store can go back to an earlier state, as by a failover to a replica that lagged. It then gives positions that
 * were offered to other messages, under the same epoch. So whenever it may have gone back (it was out of reach, or a
 * position is not what it was) the inbox is in doubt: nothing is offered or recorded until the inbox has been attached
 * anew and the newest message offered has been found to be still the one at its position. When it is not, all views
 * begin again.
 */
final class AttachedUser {

    private static final Logger log = LoggerFactory.getLogger(AttachedUser.class);
    private static final long RETRY_MILLIS = 200;
    private static final int PAGE = 1024;
    private static final long DETACH_RETRY_MILLIS = 1_000;
    private static final long UNACKNOWLEDGED_MILLIS = 1_000;
    private static final String NO_EPOCH = "";

    /** What all users of a node share. */
    record Node(Inbox inbox, Telemetry telemetry, Clock clock, SessionSettings settings, RateLimitedLog warnings) {}

    private final UserId id;
    private final Node node;
    private final Executor lane;
    private final Consumer<AttachedUser> whenDetached;
    private final ConnectionSet connections;
    private final List<ClientSession> sessions = new ArrayList<>(1);

    private @Nullable String epoch; // null until the first attachment is known
    private long offered; // position through which messages were offered on any connection
    private @Nullable Mark done;
    private long told;
    private @Nullable InboxPlace heard; // the newest append that came before the attachment was known
    private long known; // position of the newest message known to be in the inbox
    private @Nullable Mark newest; // the newest message offered in this numbering
    private final RecentPlaces recent = new RecentPlaces();
    private int numbering; // counts beginnings: what was asked under an earlier one means nothing any more
    private boolean doubtful;
    private final List<ClientSession> waiting = new ArrayList<>(0); // those who came while it was

    private boolean oldestHere; // whether this node has the user's oldest connection, which bubbles
    private long oldestHereAt; // the position of the newest message when that was so

    private boolean attaching;
    private boolean attachAgain;
    private long attachedAt;
    private @Nullable Progress recorded; // the last progress that the inbox took
    private long recordedThrough; // what the inbox takes all views here to have offered
    private long unrecordedSince; // when the oldest offer behind that was made, or later
    private boolean recording;
    private boolean retrying;

    AttachedUser(UserId id, Node node, Executor lane, Consumer<AttachedUser> whenDetached) {
        this.id = id;
        this.node = node;
        this.lane = lane;
        this.whenDetached = whenDetached;
        this.connections = new ConnectionSet(node.settings().connectionLimit());
    }

    UserId id() {
        return id;
    }

    List<ClientSession> sessions() {
        return List.copyOf(sessions);
    }

    /** Lets a connection in. Its view begins once the inbox is attached. */
    void join(ClientSession session) {
        session.user = this;
        connections.add(session.connection.id()).ifPresent(this::replace);
        sessions.add(session);
        Asked asked = new Asked(numbering, known);
        Presence presence = connections.presence();
        node.inbox()
                .attach(id, node.settings().inbox(), presence)
                .whenCompleteAsync(
                        handle(
                                attachment -> {
                                    registered(presence, attachment);
                                    attached(session, attachment, asked);
                                },
                                failure -> end(session, reasonOf(failure))),
                        lane);
    }

    private void registered(Presence asked, Attachment attachment) {
        connections.registered(asked, attachment.connections()).forEach(this::replace);
    }

    /** A connection elsewhere was one too many, and this one is the oldest. */
    void replaced(ConnectionId connection) {
        if (connections.remove(connection)) {
            replace(connection);
        }
    }

    private void replace(ConnectionId oldest) {
        for (ClientSession session : sessions()) {
            if (session.connection.id().equals(oldest)) {
                node.telemetry().count(Event.SESSION_REPLACED);
                end(session, CloseReason.REPLACED);
            }
        }
    }

    private void attached(ClientSession session, Attachment attachment, Asked asked) {
        if (session.ended) {
            return;
        }
        if (doubtful) {
            waiting.add(session);
            attachAgain();
            return;
        }
        adopt(attachment, asked, true);
        letIn(session, attachment);
    }

    private void letIn(ClientSession session, Attachment attachment) {
        if (session.resumeAfter.isPresent()) {
            resume(session, attachment, attachment.first(), session.resumeAfter.get());
        } else {
            begin(session, attachment);
        }
    }

    /** Looks for the message that the client has already, from {@code position} on; it and all before it are done. */
    private void resume(ClientSession session, Attachment attachment, long position, MessageId resumeAfter) {
        int asked = numbering;
        node.inbox()
                .page(id, attachment.epoch(), position, PAGE)
                .whenCompleteAsync(
                        handle(
                                page -> {
                                    if (session.ended) {
                                        return;
                                    }
                                    if (asked != numbering) {
                                        waiting.add(session);
                                        attachAgain();
                                        return;
                                    }
                                    List<Delivery.Queued> queued =
                                            page.map(Page::queued).orElse(List.of());
                                    Optional<Delivery.Queued> found = queued.stream()
                                            .filter(one -> one.message().id().equals(resumeAfter))
                                            .findFirst();
                                    found.ifPresent(one -> resumed(attachment, new Mark(one.position(), resumeAfter)));
                                    if (found.isPresent() || queued.isEmpty()) {
                                        begin(session, attachment);
                                    } else {
                                        long next =
                                                queued.get(queued.size() - 1).position() + 1;
                                        resume(session, attachment, next, resumeAfter);
                                    }
                                },
                                failure -> end(session, reasonOf(failure))),
                        lane);
    }

    /**
     * The client has the message at the mark. What was dropped before that it was shown, or told of, for a connection tells
     * of what is missing before it goes on.
     */
    private void resumed(Attachment attachment, Mark mark) {
        if (!attachment.epoch().equals(epoch)) {
            return;
        }
        told = Math.max(told, attachment.dropped());
        if (done == null || done.position() < mark.position()) {
            done = mark;
            offered = Math.max(offered, mark.position());
        }
    }

    private void begin(ClientSession session, Attachment attachment) {
        if (session.ended) {
            return;
        }
        long first = done == null ? attachment.first() : Math.max(attachment.first(), done.position() + 1);
        long shown = Math.max(attachment.shown(), offered);
        session.view.begin(first, attachment.last(), shown, attachment.dropped());
        session.begun = true;
        node.telemetry().count(Event.SESSION_OPENED);
        session.connection.opened(Math.max(0, attachment.last() - first + 1));
        tellMissed(session, attachment);
        session.view.heardOf(known);
        record();
        pump(session);
    }

    /** What was known when the inbox was asked something: a later answer that knows less is a sign of going back. */
    private record Asked(int numbering, long known) {}

    /**
     * Takes in what an attachment says of the inbox. Views of another numbering begin again.
     *
     * @param asked what was known when the inbox was asked: signals may have overtaken its answer since, and that is no
     *     sign of another numbering
     * @param newestFound whether the newest message offered is still at its position, as far as that can be told
     */
    private void adopt(Attachment attachment, Asked asked, boolean newestFound) {
        attachedAt = node.clock().millis();
        boolean sameEpoch = attachment.epoch().equals(epoch);
        boolean wentBack = asked.numbering() == numbering && (attachment.last() < asked.known() || !newestFound);
        boolean sameNumbering = sameEpoch && !wentBack;
        if (!sameNumbering || attachment.last() >= oldestHereAt) {
            oldestHere = attachment.oldestHere();
            oldestHereAt = attachment.last();
        }
        if (sameNumbering) {
            known = Math.max(known, attachment.last());
            return;
        }
        boolean renumbered = epoch != null;
        long offeredBefore = offered;
        long knownBefore = known;
        renumber(attachment);
        if (!renumbered) {
            return;
        }
        if (sameEpoch) {
            reportLoss(knownBefore, attachment);
            offered = Math.max(attachment.shown(), Math.min(attachment.last(), offeredBefore));
        } else {
            node.telemetry().count(Event.INBOX_RENUMBERED);
            node.warnings()
                    .warn(
                            "an inbox was renumbered, by an expiry, a loss of data or by hand; its views begin again",
                            id.value());
            offered = attachment.last(); // any of these may have been shown
        }
        for (ClientSession session : sessions) {
            if (session.begun) {
                session.view.begin(attachment.first(), attachment.last(), offered, attachment.dropped());
                tellMissed(session, attachment);
            }
        }
    }

    private void renumber(Attachment attachment) {
        numbering++;
        epoch = attachment.epoch();
        offered = attachment.first() - 1;
        known = attachment.last();
        if (heard != null && heard.epoch().equals(epoch)) {
            known = Math.max(known, heard.position());
        }
        heard = null;
        newest = null;
        recent.clear();
        done = null;
        recorded = null;
        recordedThrough = attachment.last();
        told = 0;
    }

    private void reportLoss(long knownBefore, Attachment attachment) {
        node.telemetry().count(Event.INBOX_REWOUND);
        node.telemetry().count(Event.MESSAGE_LOST_BY_STORE, Math.max(1, knownBefore - attachment.last()));
        node.warnings()
                .warn(
                        "Redis has lost messages that it had stored, as by a failover to a replica that lagged; views of"
                                + " the inbox begin again",
                        id + ": it was known through position " + knownBefore + ", and ends with " + attachment.last()
                                + " now; what has the same positions by now are other messages");
    }

    private void tellMissed(ClientSession session, Attachment attachment) {
        session.told = 0;
        if (attachment.missed() > 0 && attachment.dropped() > told) {
            session.told = attachment.dropped();
            session.connection.missed(attachment.missed());
        }
    }

    /** The store may go back, or has: nothing is offered or recorded until the inbox has been looked at. */
    void doubt() {
        if (epoch != null) {
            doubtful = true;
            attachAgain = attaching; // what is being asked was asked too early
        }
    }

    /** The store, or the signals, are back; anything may have happened in between. */
    void lookAfresh() {
        doubt();
        attachAgain();
    }

    /**
     * Registers the connections, and looks at the inbox, afresh: when one of several has left, after a gap in the signals,
     * or when the numbering does not fit any more.
     */
    void attachAgain() {
        if (sessions.isEmpty()) {
            return;
        }
        if (attaching) {
            attachAgain = true;
            return;
        }
        attaching = true;
        Asked asked = new Asked(numbering, known);
        Presence presence = connections.presence();
        CompletionStage<Attachment> attachment =
                node.inbox().attach(id, node.settings().inbox(), presence);
        attachment
                .thenCombine(findNewest(), (found, same) -> new Again(found, asked, same))
                .whenCompleteAsync(
                        handle(
                                again -> {
                                    registered(presence, again.attachment());
                                    attachedAgain(again);
                                },
                                failure -> {
                                    attaching = false;
                                    attachAgain = false;
                                    ErrorCode code = PortException.codeOf(failure);
                                    if (code.retryable()) {
                                        later(RETRY_MILLIS, this::attachAgain);
                                    } else {
                                        sessions().forEach(session -> end(session, reasonOf(failure)));
                                    }
                                }),
                        lane);
    }

    private record Again(Attachment attachment, Asked asked, boolean newestFound) {}

    /** Whether nothing else is where the newest message offered was. It may be gone: done with, dropped or expired. */
    private CompletionStage<Boolean> findNewest() {
        Mark mark = newest;
        if (mark == null || epoch == null) {
            return CompletableFuture.completedFuture(true);
        }
        return node.inbox()
                .page(id, epoch, mark.position(), 1)
                .thenApply(page -> page.stream()
                        .flatMap(found -> found.queued().stream())
                        .filter(found -> found.position() == mark.position())
                        .allMatch(found -> found.message().id().equals(mark.id())));
    }

    private void attachedAgain(Again again) {
        attaching = false;
        if (sessions.isEmpty()) {
            attachAgain = false;
            return; // the detaching was asked for behind this
        }
        if (attachAgain) {
            attachAgain = false;
            attachAgain();
            return;
        }
        doubtful = false;
        Attachment attachment = again.attachment();
        adopt(attachment, again.asked(), again.newestFound());
        recorded = null;
        for (ClientSession session : sessions()) {
            if (session.begun) {
                session.view.heardOf(known);
                pump(session);
            }
        }
        record();
        List<ClientSession> joining = List.copyOf(waiting);
        waiting.clear();
        for (ClientSession session : joining) {
            if (!session.ended) {
                letIn(session, attachment);
            }
        }
    }

    /**
     * Renews the registration with the inbox when it is older than {@code age} milliseconds; records offers that nobody here
     * acknowledges.
     */
    void renew(long age) {
        long now = node.clock().millis();
        if (!sessions.isEmpty() && now - attachedAt >= age) {
            attachAgain();
        } else if (isOverdue(offered, now)) {
            record();
        }
    }

    /**
     * A message was appended to the inbox.
     *
     * @param bubbling whether this node has the user's oldest connection, as of this message
     */
    void appended(InboxPlace place, Message message, boolean bubbling) {
        if (epoch == null) {
            heard = place;
            return;
        }
        if (!place.epoch().equals(epoch)) {
            attachAgain();
            return;
        }
        if (newest != null && place.position() <= newest.position() && !recent.holds(place.position(), message.id())) {
            lookAfresh(); // another message has had that position, unless the signal is very late
            return;
        }
        known = Math.max(known, place.position());
        if (place.position() > oldestHereAt) {
            oldestHere = bubbling;
            oldestHereAt = place.position();
        }
        if (doubtful) {
            return; // it is in the inbox
        }
        Delivery.Queued queued = new Delivery.Queued(place.position(), message);
        long now = node.clock().millis();
        if (isOverdue(offered, now)) {
            record();
        }
        for (int i = 0; i < sessions.size(); i++) {
            ClientSession session = sessions.get(i);
            if (session.begun) {
                Optional<Delivery.Offered> offer = session.view.appended(queued, now);
                if (offer.isPresent()) {
                    deliver(session, List.of(offer.get()), bubbling);
                } else {
                    pump(session);
                }
            }
        }
    }

    /** Reads on where a view is behind and has room. */
    private void pump(ClientSession session) {
        if (session.ended || !session.begun || epoch == null || doubtful || !session.view.wantsPage()) {
            return;
        }
        Asked asked = new Asked(numbering, known);
        long first = session.view.next();
        int count = session.view.startReading();
        node.inbox()
                .page(id, epoch, first, count)
                .whenCompleteAsync(
                        handle(page -> read(session, asked, page), failure -> {
                            if (asked.numbering() != numbering) {
                                return;
                            }
                            session.view.readingFailed();
                            if (PortException.codeOf(failure).retryable()) {
                                later(RETRY_MILLIS, () -> pump(session));
                            } else {
                                end(session, reasonOf(failure));
                            }
                        }),
                        lane);
    }

    private void read(ClientSession session, Asked asked, Optional<Page> page) {
        if (session.ended || asked.numbering() != numbering) {
            return; // a view that has begun again reads on its own
        }
        if (doubtful) {
            session.view.readingFailed();
            return; // it is read again once the doubt is settled
        }
        if (page.isEmpty() || page.get().last() < asked.known()) {
            session.view.readingFailed();
            lookAfresh();
            return;
        }
        known = Math.max(known, page.get().last());
        View.Reading result = session.view.read(
                page.get(), node.settings().inbox(), node.clock().millis());
        if (result.missed() > 0) {
            session.told = page.get().dropped();
            session.connection.missed(result.missed());
        }
        node.telemetry().count(Event.EXPIRED, result.expired());
        if (!result.offers().isEmpty()) {
            deliver(session, result.offers(), oldestHere);
        }
        record();
        pump(session);
    }

    private void deliver(ClientSession session, List<Delivery.Offered> offers, boolean bubbling) {
        Delivery.Offered last = offers.get(offers.size() - 1);
        if (offered <= recordedThrough) {
            unrecordedSince = node.clock().millis();
        }
        offered = Math.max(offered, last.position());
        remember(offers, last);
        node.telemetry().count(Event.OFFERED, offers.size());
        int redelivered = 0;
        for (Delivery.Offered offer : offers) {
            redelivered += offer.redelivered() ? 1 : 0;
        }
        if (redelivered > 0) {
            node.telemetry().count(Event.REDELIVERED, redelivered);
        }
        session.connection.deliver(offers, connections.bubbles(session.connection.id(), bubbling));
    }

    private void remember(List<Delivery.Offered> offers, Delivery.Offered last) {
        long before = newest == null ? 0 : newest.position();
        if (last.position() <= before) {
            return; // of a view that lags
        }
        for (Delivery.Offered offer : offers) {
            if (offer.position() > before) {
                recent.add(offer.position(), offer.message().id());
            }
        }
        newest = new Mark(last.position(), last.message().id());
    }

    void acknowledged(ClientSession session, long sequence) {
        if (session.ended) {
            return;
        }
        List<Delivery.Acknowledged> acknowledged =
                session.view.acknowledge(sequence, node.clock().millis());
        if (!acknowledged.isEmpty()) {
            node.telemetry().count(Event.ACKNOWLEDGED, acknowledged.size());
            told = Math.max(told, session.told);
            record();
            pump(session);
        }
    }

    void written(ClientSession session, long sequence) {
        if (!session.ended) {
            session.view.written(sequence);
            pump(session);
        }
    }

    /** Records the progress of all views in the inbox, one call at a time; what comes meanwhile goes with the next. */
    private void record() {
        Progress progress = progress();
        if (recording || retrying || doubtful || sessions.isEmpty() || progress == null || !isNews(progress)) {
            return;
        }
        recording = true;
        int recordedIn = numbering;
        node.inbox()
                .acknowledge(progress)
                .whenCompleteAsync(
                        handle(
                                fits -> {
                                    recording = false;
                                    if (recordedIn != numbering) {
                                        record();
                                    } else if (fits) {
                                        recorded = progress;
                                        recordedThrough = progress.offeredThrough();
                                        unrecordedSince = node.clock().millis();
                                        record();
                                    } else {
                                        lookAfresh();
                                    }
                                },
                                failure -> {
                                    recording = false;
                                    if (PortException.codeOf(failure).retryable()) {
                                        retrying = true;
                                        later(RETRY_MILLIS, () -> {
                                            retrying = false;
                                            record();
                                        });
                                    } else {
                                        log.warn("progress of {} could not be recorded: {}", id, failure.getMessage());
                                    }
                                }),
                        lane);
    }

    private boolean isNews(Progress progress) {
        if (isOverdue(progress.offeredThrough(), node.clock().millis())) {
            return true;
        }
        if (progress.done().isEmpty() || recorded == null) {
            return progress.done().isPresent();
        }
        if (progress.told() > recorded.told() || !progress.done().equals(recorded.done())) {
            return true;
        }
        // only a view that lagged behind what is done with lets more be removed by catching up
        long doneThrough = progress.done().get().position();
        return recorded.offeredThrough() < doneThrough && progress.offeredThrough() > recorded.offeredThrough();
    }

    /**
     * Whether messages were offered a while ago that no client here acknowledges. Clients of other nodes may have; then
     * only that the inbox does not know of these offers keeps it from removing them.
     */
    private boolean isOverdue(long offeredThrough, long now) {
        return offeredThrough > recordedThrough && now - unrecordedSince >= UNACKNOWLEDGED_MILLIS;
    }

    private @Nullable Progress progress() {
        if (epoch == null) {
            return null;
        }
        long offeredByAll = Long.MAX_VALUE;
        for (ClientSession session : sessions) {
            if (session.begun) {
                Optional<Mark> sessionDone = session.view.done();
                if (sessionDone.isPresent()
                        && (done == null || sessionDone.get().position() > done.position())) {
                    done = sessionDone.get();
                }
                offeredByAll = Math.min(offeredByAll, session.view.offeredThrough());
            }
        }
        return new Progress(
                id, epoch, Optional.ofNullable(done), offeredByAll == Long.MAX_VALUE ? offered : offeredByAll, told);
    }

    /** The connection is gone. The last one to go ends the registration with the inbox. */
    void left(ClientSession session) {
        Progress last = progress(); // what the session had done counts
        boolean registered = connections.remove(session.connection.id());
        if (!sessions.remove(session)) {
            return;
        }
        if (!sessions.isEmpty()) {
            record();
            if (registered) {
                attachAgain();
            }
            return;
        }
        // Calls for one user are carried out in order: who joins from here on attaches behind the detaching.
        detach(last == null ? new Progress(id, NO_EPOCH, Optional.empty(), 0, 0) : last, offered);
        epoch = null;
        offered = 0;
        done = null;
        told = 0;
        heard = null;
        recorded = null;
        known = 0;
        newest = null;
        recent.clear();
        numbering++;
        doubtful = false;
        waiting.clear();
    }

    private void detach(Progress progress, long shown) {
        node.inbox()
                .detach(progress, shown)
                .whenCompleteAsync(
                        handle(nothing -> forget(), failure -> {
                            if (!PortException.codeOf(failure).retryable()) {
                                forget();
                            } else if (sessions.isEmpty()) {
                                later(DETACH_RETRY_MILLIS, () -> detach(progress, shown));
                            }
                        }),
                        lane);
    }

    private void forget() {
        if (sessions.isEmpty()) {
            whenDetached.accept(this);
        }
    }

    void end(ClientSession session, CloseReason reason) {
        session.connection.close(reason);
        session.closed();
    }

    private static CloseReason reasonOf(Throwable failure) {
        ErrorCode code = PortException.codeOf(failure);
        if (code.retryable()) {
            return CloseReason.STORE_UNAVAILABLE;
        }
        return code == ErrorCode.WRONG_KIND ? CloseReason.INBOX_UNREADABLE : CloseReason.INTERNAL;
    }

    private void later(long millis, Runnable task) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, lane).execute(task);
    }

    /** Splits a stage's end in two; a defect in either is logged, for nobody looks at the stage behind it. */
    private static <T> BiConsumer<T, @Nullable Throwable> handle(Consumer<T> success, Consumer<Throwable> failure) {
        return (result, thrown) -> {
            try {
                if (thrown == null) {
                    success.accept(result);
                } else {
                    failure.accept(thrown);
                }
            } catch (RuntimeException defect) {
                log.error("delivery failed", defect);
            }
        };
    }
}

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
        long asked = offered;
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

    private void attached(ClientSession session, Attachment attachment, long asked) {
        if (session.ended) {
            return;
        }
        adopt(attachment, asked);
        if (session.resumeAfter.isPresent()) {
            resume(session, attachment, attachment.first(), session.resumeAfter.get());
        } else {
            begin(session, attachment);
        }
    }

    /** Looks for the message that the client has already, from {@code position} on; it and all before it are done. */
    private void resume(ClientSession session, Attachment attachment, long position, MessageId resumeAfter) {
        node.inbox()
                .page(id, attachment.epoch(), position, PAGE)
                .whenCompleteAsync(
                        handle(
                                page -> {
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
        if (heard != null && heard.epoch().equals(epoch)) {
            session.view.heardOf(heard.position());
        }
        record();
        pump(session);
    }

    /**
     * Takes in what an attachment says of the inbox. Views of another numbering begin again.
     *
     * @param asked what {@link #offered} was when the inbox was asked: signals may have overtaken its answer since, and that
     *     is no sign of another numbering
     */
    private void adopt(Attachment attachment, long asked) {
        attachedAt = node.clock().millis();
        boolean sameNumbering = attachment.epoch().equals(epoch) && attachment.last() >= asked;
        if (!sameNumbering || attachment.last() >= oldestHereAt) {
            oldestHere = attachment.oldestHere();
            oldestHereAt = attachment.last();
        }
        if (sameNumbering) {
            return;
        }
        boolean renumbered = epoch != null;
        epoch = attachment.epoch();
        offered = attachment.first() - 1;
        done = null;
        recorded = null;
        recordedThrough = attachment.last();
        told = 0;
        if (!renumbered) {
            return;
        }
        node.warnings()
                .warn(
                        "an inbox was renumbered, by an expiry, a failover or by hand; its views begin again",
                        id.value());
        offered = attachment.last(); // any of these may have been shown
        for (ClientSession session : sessions) {
            if (session.begun) {
                session.view.begin(attachment.first(), attachment.last(), offered, attachment.dropped());
                tellMissed(session, attachment);
            }
        }
    }

    private void tellMissed(ClientSession session, Attachment attachment) {
        session.told = 0;
        if (attachment.missed() > 0 && attachment.dropped() > told) {
            session.told = attachment.dropped();
            session.connection.missed(attachment.missed());
        }
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
        long asked = offered;
        Presence presence = connections.presence();
        node.inbox()
                .attach(id, node.settings().inbox(), presence)
                .whenCompleteAsync(
                        handle(
                                attachment -> {
                                    registered(presence, attachment);
                                    attachedAgain(attachment, asked);
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

    private void attachedAgain(Attachment attachment, long asked) {
        attaching = false;
        if (sessions.isEmpty()) {
            return; // the detaching was asked for behind this
        }
        adopt(attachment, asked);
        for (ClientSession session : sessions()) {
            if (session.begun) {
                session.view.heardOf(attachment.last());
                pump(session);
            }
        }
        recorded = null;
        record();
        if (attachAgain) {
            attachAgain = false;
            attachAgain();
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
        heard = place;
        if (place.position() > oldestHereAt) {
            oldestHere = bubbling;
            oldestHereAt = place.position();
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
        if (session.ended || !session.begun || epoch == null || !session.view.wantsPage()) {
            return;
        }
        String reading = epoch;
        long first = session.view.next();
        int count = session.view.startReading();
        node.inbox()
                .page(id, reading, first, count)
                .whenCompleteAsync(
                        handle(page -> read(session, reading, page), failure -> {
                            session.view.readingFailed();
                            if (PortException.codeOf(failure).retryable()) {
                                later(RETRY_MILLIS, () -> pump(session));
                            } else {
                                end(session, reasonOf(failure));
                            }
                        }),
                        lane);
    }

    private void read(ClientSession session, String reading, Optional<Page> page) {
        if (session.ended || !reading.equals(epoch)) {
            return; // a view that has begun again reads on its own
        }
        if (page.isEmpty()) {
            session.view.readingFailed();
            attachAgain();
            return;
        }
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
        Delivery.Offered newest = offers.get(offers.size() - 1);
        if (offered <= recordedThrough) {
            unrecordedSince = node.clock().millis();
        }
        offered = Math.max(offered, newest.position());
        node.telemetry().count(Event.OFFERED, offers.size());
        long redelivered = offers.stream().filter(Delivery.Offered::redelivered).count();
        if (redelivered > 0) {
            node.telemetry().count(Event.REDELIVERED, redelivered);
        }
        session.connection.deliver(offers, connections.bubbles(session.connection.id(), bubbling));
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
        if (recording || retrying || sessions.isEmpty() || progress == null || !isNews(progress)) {
            return;
        }
        recording = true;
        node.inbox()
                .acknowledge(progress)
                .whenCompleteAsync(
                        handle(
                                fits -> {
                                    recording = false;
                                    if (fits) {
                                        recorded = progress;
                                        recordedThrough = progress.offeredThrough();
                                        unrecordedSince = node.clock().millis();
                                        record();
                                    } else {
                                        attachAgain();
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

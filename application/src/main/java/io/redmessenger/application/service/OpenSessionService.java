package io.redmessenger.application.service;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets connections in, and shows each of them its user's inbox. Safe for concurrent use. */
public final class OpenSessionService implements Sessions, NodeSignals.Listener {

    private static final Logger log = LoggerFactory.getLogger(OpenSessionService.class);

    private final CredentialStore credentials;
    private final NodeSignals signals;
    private final Telemetry telemetry;
    private final SessionSettings settings;
    private final Inbox inbox;
    private final Lanes lanes;
    private final AttachedUser.Node node;
    private final Map<UserId, AttachedUser> users = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;

    public OpenSessionService(
            Inbox inbox,
            CredentialStore credentials,
            NodeSignals signals,
            Telemetry telemetry,
            Clock clock,
            SessionSettings settings,
            Lanes lanes) {
        this.credentials = credentials;
        this.signals = signals;
        this.telemetry = telemetry;
        this.settings = settings;
        this.inbox = inbox;
        this.lanes = lanes;
        this.node = new AttachedUser.Node(inbox, telemetry, clock, settings, new RateLimitedLog(log, clock));
    }

    @Override
    public Session open(
            UserId user, Optional<Credential> credential, Optional<MessageId> resumeAfter, ConnectionPort connection) {
        ClientSession session = new ClientSession(user, resumeAfter, connection, lanes.of(user));
        if (draining) {
            refuse(session, CloseReason.GOING_AWAY);
        } else if (!signals.isStoreAvailable()) {
            refuse(session, CloseReason.STORE_UNAVAILABLE);
        } else if (settings.secureMode()) {
            credentials
                    .credentialOf(user)
                    .whenCompleteAsync(
                            (known, failure) -> {
                                if (failure != null) {
                                    boolean retryable =
                                            PortException.codeOf(failure).retryable();
                                    refuse(session, retryable ? CloseReason.STORE_UNAVAILABLE : CloseReason.INTERNAL);
                                } else if (known.isPresent()
                                        && credential.isPresent()
                                        && known.get().matches(credential.get())) {
                                    join(session);
                                } else {
                                    telemetry.count(Event.SESSION_UNAUTHORIZED);
                                    refuse(session, CloseReason.UNAUTHORIZED);
                                }
                            },
                            lanes.of(user));
        } else {
            lanes.of(user).execute(() -> join(session));
        }
        return session;
    }

    private static void refuse(ClientSession session, CloseReason reason) {
        session.connection.close(reason);
        session.closed();
    }

    private void join(ClientSession session) {
        if (session.ended) {
            return;
        }
        if (draining) {
            refuse(session, CloseReason.GOING_AWAY);
            return;
        }
        users.computeIfAbsent(session.userId, id -> new AttachedUser(id, node, lanes.of(id), this::detached))
                .join(session);
    }

    private void detached(AttachedUser user) {
        users.remove(user.id(), user);
        if (draining && users.isEmpty()) {
            drained.complete(null);
        }
    }

    /** Shows what was just stored to those who are connected here. */
    void appended(Message message, List<AppendResult> results) {
        if (results.size() == 1) {
            if (results.get(0) instanceof AppendResult.Stored stored && stored.attachedHere()) {
                lanes.of(stored.user()).execute(() -> appendedInLane(stored, message));
            }
            return;
        }
        List<List<AppendResult.Stored>> byLane = new ArrayList<>(lanes.count());
        for (int i = 0; i < lanes.count(); i++) {
            byLane.add(new ArrayList<>());
        }
        for (AppendResult result : results) {
            if (result instanceof AppendResult.Stored stored && stored.attachedHere()) {
                byLane.get(lanes.indexOf(stored.user())).add(stored);
            }
        }
        for (int i = 0; i < lanes.count(); i++) {
            List<AppendResult.Stored> stored = byLane.get(i);
            if (!stored.isEmpty()) {
                lanes.lane(i).execute(() -> stored.forEach(s -> appendedInLane(s, message)));
            }
        }
    }

    @Override
    public void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {
        lanes.of(user).execute(() -> appendedInLane(user, place, message, oldestHere));
    }

    @Override
    public void replaced(UserId id, ConnectionId connection) {
        lanes.of(id).execute(() -> {
            AttachedUser user = users.get(id);
            if (user != null) {
                user.replaced(connection);
            }
        });
    }

    private void appendedInLane(AppendResult.Stored stored, Message message) {
        appendedInLane(stored.user(), stored.place(), message, stored.oldestHere());
    }

    private void appendedInLane(UserId id, InboxPlace place, Message message, boolean oldestHere) {
        AttachedUser user = users.get(id);
        if (user != null) {
            user.appended(place, message, oldestHere);
            return;
        }
        // registered, but nobody is here: the registration outlived its connections
        Progress nothing = new Progress(id, place.epoch(), Optional.<Mark>empty(), 0, 0);
        inbox.detach(nothing, 0).whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("stale registration of {} stays for now: {}", id, failure.getMessage());
            }
        });
    }

    @Override
    public void storeLost() {
        telemetry.count(Event.STORE_LOST);
        log.warn("Redis cannot be reached; connections stay, new ones are turned away, messages wait");
        users.values().forEach(user -> lanes.of(user.id()).execute(user::doubt));
    }

    @Override
    public void storeRestored() {
        log.info("Redis is back; {} users look at their inboxes afresh", users.size());
        users.values().forEach(user -> lanes.of(user.id()).execute(user::lookAfresh));
    }

    /**
     * Renews registrations that have not been renewed for {@code age}, so that none expires. To be called several times
     * within that time.
     */
    public void renewAttachments(Duration age) {
        users.values().forEach(user -> lanes.of(user.id()).execute(() -> user.renew(age.toMillis())));
    }

    @Override
    public CompletionStage<Void> drain(Duration spread) {
        draining = true;
        List<AttachedUser> live = List.copyOf(users.values());
        if (live.isEmpty()) {
            drained.complete(null);
        }
        for (int i = 0; i < live.size(); i++) {
            AttachedUser user = live.get(i);
            long delay = spread.toNanos() * i / live.size();
            CompletableFuture.delayedExecutor(delay, TimeUnit.NANOSECONDS, lanes.of(user.id()))
                    .execute(() -> user.sessions().forEach(session -> user.end(session, CloseReason.GOING_AWAY)));
        }
        return drained.minimalCompletionStage();
    }
}

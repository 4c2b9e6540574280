package io.redmessenger.application.service;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.memory.InMemoryCredentialStore;
import io.redmessenger.application.memory.InMemoryGroupMembership;
import io.redmessenger.application.memory.InMemoryInbox;
import io.redmessenger.application.memory.InMemoryNodeSignals;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.memory.RecordingConnection;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher.Receipt;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The services of one node over the twins. Several can share a store. The id of a message is its payload. */
final class ServiceNode {

    static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 1000);
    static final SessionSettings SETTINGS = new SessionSettings(false, 6, POLICY);
    private static final AtomicLong CONNECTIONS = new AtomicLong();

    final CountingTelemetry telemetry = new CountingTelemetry();
    final InMemoryCredentialStore credentials = new InMemoryCredentialStore();
    final InMemoryGroupMembership groups = new InMemoryGroupMembership(2);
    final InMemoryInbox inbox;
    final InMemoryNodeSignals signals;
    final OpenSessionService sessions;
    final PublishMessageService publisher;
    private final MutableClock clock;

    ServiceNode(InMemoryStore store, String name, MutableClock clock, SessionSettings settings, Lanes lanes) {
        this.clock = clock;
        inbox = store.inboxOf(name);
        signals = store.signalsOf(name);
        sessions = new OpenSessionService(inbox, credentials, signals, telemetry, clock, settings, lanes);
        signals.listen(sessions);
        publisher = new PublishMessageService(inbox, groups, sessions, telemetry, settings.inbox());
    }

    ServiceNode(InMemoryStore store, String name, MutableClock clock, SessionSettings settings) {
        this(store, name, clock, settings, Lanes.of(new SerialExecutor()));
    }

    /** A connection, and how its transport reports. */
    record Client(RecordingConnection connection, Sessions.Session session) {

        List<String> payloads() {
            return connection.payloads();
        }

        /** Acknowledges all that was offered so far. */
        void acknowledgeAll() {
            int count = connection.offered().size();
            if (count > 0) {
                session.acknowledge(connection.offered().get(count - 1).sequence());
            }
        }
    }

    Client open(UserId user) {
        RecordingConnection connection = new RecordingConnection(CONNECTIONS.incrementAndGet());
        return new Client(connection, sessions.open(user, Optional.empty(), connection));
    }

    Publication publication(Recipient to, String payload) {
        return publication(to, payload, Message.NO_TTL);
    }

    Publication publication(Recipient to, String payload, long ttl) {
        return Publication.of(to, new MessageId(payload), clock.millis(), new Payload(payload), ttl);
    }

    Receipt publish(Recipient to, String payload) {
        return Await.value(publisher.publish(publication(to, payload)));
    }

    void publish(Recipient to, int first, int last) {
        for (int i = first; i <= last; i++) {
            publish(to, "m" + i);
        }
    }

    /** The payloads that wait in an inbox. */
    List<String> waiting(UserId user) {
        Inbox.Contents contents = Await.value(inbox.peek(user, 1024));
        return contents.oldest().stream().map(m -> m.payload().text()).toList();
    }
}

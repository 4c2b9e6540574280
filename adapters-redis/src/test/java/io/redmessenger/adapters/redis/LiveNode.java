package io.redmessenger.adapters.redis;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.memory.RecordingConnection;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.service.Lanes;
import io.redmessenger.application.service.OpenSessionService;
import io.redmessenger.application.service.PublishMessageService;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A whole node but for the network side: the services over the adapter, hearing what is published to Redis. */
final class LiveNode implements AutoCloseable {

    static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 100_000);
    private static final AtomicLong CONNECTIONS = new AtomicLong();
    private static final AtomicLong NODES = new AtomicLong();

    final CountingTelemetry telemetry = new CountingTelemetry();
    final RedisAdapter adapter;
    final OpenSessionService sessions;
    private final Lanes lanes = Lanes.ofThreads(2);

    private LiveNode(RedisSettings settings) {
        Clock clock = Clock.systemUTC();
        adapter = new RedisAdapter(settings, "node", telemetry, clock);
        sessions = new OpenSessionService(
                adapter.inbox(),
                adapter.credentials(),
                adapter.signals(),
                telemetry,
                clock,
                new SessionSettings(false, 6, POLICY),
                lanes);
        adapter.signals().listen(sessions);
    }

    /** Starts it, with what listens to publications. */
    static LiveNode start(RedisSettings settings) {
        LiveNode node = startDeaf(settings);
        PublishMessageService publisher = new PublishMessageService(
                node.adapter.inbox(), node.adapter.groups(), node.sessions, node.telemetry, POLICY);
        Await.value(node.adapter.startIngress(publisher, new MessageIds(NODES.incrementAndGet())));
        return node;
    }

    /** Starts it without what listens to publications. */
    static LiveNode startDeaf(RedisSettings settings) {
        LiveNode node = new LiveNode(settings);
        Await.value(node.adapter.start());
        return node;
    }

    static LiveNode start(String uri) {
        return start(RedisSettings.of(uri));
    }

    boolean isAvailable() {
        return adapter.signals().isStoreAvailable();
    }

    void awaitLost() {
        Await.until("Redis counts as lost", () -> !isAvailable());
    }

    void awaitBack() {
        Await.until("Redis is back", this::isAvailable);
    }

    /** A connection, and how its transport reports. */
    record Client(RecordingConnection connection, Sessions.Session session) {

        List<String> payloads() {
            return connection.payloads();
        }

        /** Acknowledges all that was offered so far. */
        void acknowledge() {
            List<Delivery.Offered> offered = connection.offered();
            if (!offered.isEmpty()) {
                session.acknowledge(offered.get(offered.size() - 1).sequence());
            }
        }

        /** Acknowledges what is offered until so many were. */
        void acknowledgeUntil(int count) {
            try {
                Await.until("connection is offered " + count + " messages", () -> {
                    acknowledge();
                    return payloads().size() >= count;
                });
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + ": " + payloads(), e);
            }
            acknowledge();
        }
    }

    Client open(UserId user) {
        RecordingConnection connection = new RecordingConnection(CONNECTIONS.incrementAndGet());
        return new Client(connection, sessions.open(user, Optional.empty(), connection));
    }

    @Override
    public void close() {
        Await.value(adapter.stop());
        lanes.close();
    }
}

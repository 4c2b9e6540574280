package io.redmessenger.adapters.websocket;

import io.redmessenger.adapters.websocket.api.PrometheusTelemetry;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.InMemoryCredentialStore;
import io.redmessenger.application.memory.InMemoryGroupMembership;
import io.redmessenger.application.memory.InMemoryNodeSignals;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher.Receipt;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.service.AdministerService;
import io.redmessenger.application.service.Lanes;
import io.redmessenger.application.service.OpenSessionService;
import io.redmessenger.application.service.PublishMessageService;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The whole adapter on a free port, with the real services over the in-memory twins. */
public final class TestServer implements AutoCloseable {

    /** As users have it, but for the limits of a frame and the inbox, which tests want to reach. */
    public static final ServerSettings SETTINGS = new ServerSettings(
            "127.0.0.1",
            0,
            "/rm",
            1_000,
            1_024,
            Duration.ofSeconds(30),
            Duration.ofSeconds(25),
            Duration.ofSeconds(20),
            Set.of());

    /** Three messages in an inbox, two connections of a user. */
    public static final SessionSettings SESSIONS =
            new SessionSettings(false, 2, new InboxPolicy(Duration.ofDays(7), 3));

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    public final InMemoryCredentialStore credentials = new InMemoryCredentialStore();
    public final InMemoryGroupMembership groups = new InMemoryGroupMembership();
    public final InMemoryStore store;
    public final InMemoryNodeSignals signals;
    public final OpenSessionService sessions;
    public final WebSocketAdapter adapter;
    public final int port;
    private final Inbox inbox;
    private final PublishMessageService publisher;
    private final Lanes lanes = Lanes.ofThreads(2);
    private final AtomicLong published = new AtomicLong();
    private final Clock clock = Clock.systemUTC();

    public TestServer(ServerSettings settings, SessionSettings sessionSettings) {
        store = new InMemoryStore(clock);
        inbox = store.inboxOf("here");
        signals = store.signalsOf("here");
        PrometheusTelemetry telemetry = new PrometheusTelemetry();
        sessions = new OpenSessionService(inbox, credentials, signals, telemetry, clock, sessionSettings, lanes);
        signals.listen(sessions);
        publisher = new PublishMessageService(inbox, groups, sessions, telemetry, sessionSettings.inbox());
        adapter = new WebSocketAdapter(
                settings,
                sessions,
                publisher,
                new AdministerService(inbox, groups, credentials),
                new MessageIds(1),
                telemetry,
                signals::isStoreAvailable);
        port = adapter.start().getPort();
    }

    public TestServer() {
        this(SETTINGS, SESSIONS);
    }

    /** The settings with other times. */
    public static ServerSettings times(Duration identifyTimeout, Duration pingInterval, Duration pingTimeout) {
        return new ServerSettings(
                SETTINGS.host(),
                0,
                SETTINGS.route(),
                SETTINGS.maxConnections(),
                SETTINGS.maxMessageBytes(),
                identifyTimeout,
                pingInterval,
                pingTimeout,
                SETTINGS.allowedOrigins());
    }

    /** The settings with another limit of connections, and other origins. */
    public static ServerSettings admitting(int maxConnections, Set<String> origins) {
        return new ServerSettings(
                SETTINGS.host(),
                0,
                SETTINGS.route(),
                maxConnections,
                SETTINGS.maxMessageBytes(),
                SETTINGS.identifyTimeout(),
                SETTINGS.pingInterval(),
                SETTINGS.pingTimeout(),
                origins);
    }

    /** A client of java.net.http, which answers pings. */
    public Client connect() {
        return connect("/rm");
    }

    /** A client of java.net.http at another path. */
    public Client connect(String path) {
        return new Client(HTTP, URI.create("ws://127.0.0.1:" + port + path));
    }

    /** A client that does only what it is told. */
    public RawClient raw() throws IOException {
        return new RawClient(port);
    }

    /** Publishes to a user; the message's id is m1, m2 and so on. */
    public Receipt publish(String user, String payload) {
        UserId to = new UserId(user);
        MessageId id = new MessageId("m" + published.incrementAndGet());
        return Await.value(
                publisher.publish(Publication.of(to, id, clock.millis(), new Payload(payload), Message.NO_TTL)));
    }

    /** The payloads that wait for a user. */
    public List<String> waiting(String user) {
        return Await.value(inbox.peek(new UserId(user), 1024)).oldest().stream()
                .map(message -> message.payload().text())
                .toList();
    }

    /** Waits until nothing waits for a user. */
    public void awaitNothingWaiting(String user) {
        Await.until("the inbox of " + user + " is empty", () -> waiting(user).isEmpty());
    }

    /** Waits until so many sessions were opened since the start. */
    public void awaitIdentified(int count) {
        Await.until(count + " sessions", () -> metric("redmessenger_session_opened_total") >= count);
    }

    /** An ordinary request. */
    public HttpResponse<String> request(String method, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return Await.value(HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }

    /** The value of a metric. */
    public double metric(String name) {
        return request("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + name));
    }

    @Override
    public void close() {
        sessions.drain(Duration.ZERO);
        adapter.drain();
        try {
            adapter.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            lanes.close();
        }
    }
}

package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.redis.CuttableProxy;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every client that people have, as it is published, over every transport that it has, through the same scenarios: a backlog,
 * what is live, two tabs, a cut in the middle, a wrong key. None of them has code for delivery.
 */
class PublishedClientsIT {

    private static final List<String> SOCKET_IO = List.of(
            "socket.io-client-1.3.5",
            "socket.io-client-1",
            "socket.io-client-2",
            "socket.io-client-3",
            "socket.io-client-4",
            "io.socket");
    private static final AtomicInteger USERS = new AtomicInteger();

    private static ServerProcess server;
    private static Backend backend;

    private final String user = "user" + USERS.incrementAndGet();

    record Kind(String client, String transport) {

        RemoteClient connect(int port, String user, String key) {
            String url = "http://127.0.0.1:" + port;
            return client.equals("io.socket")
                    ? new JvmSocketIoClient(transport, url, user, key)
                    : new NodeClient(client, transport, url, user, key);
        }

        /** What was written to an event stream is acknowledged at the next connection only. */
        boolean acknowledgesLive() {
            return !transport.equals("sse");
        }

        /** Our own client does so as soon as nothing more comes. */
        boolean reconnectsToAcknowledge() {
            return client.equals("redmessenger") && transport.equals("sse");
        }

        @Override
        public String toString() {
            return client + " " + transport;
        }
    }

    static Stream<Kind> kinds() {
        Stream<Kind> socketIo = SOCKET_IO.stream()
                .flatMap(client ->
                        Stream.of("default", "polling", "websocket").map(transport -> new Kind(client, transport)));
        Stream<Kind> others = Stream.of(
                new Kind("ws", "websocket"),
                new Kind("eventsource", "sse"),
                new Kind("redmessenger", "websocket"),
                new Kind("redmessenger", "sse"));
        return Stream.concat(socketIo, others);
    }

    @BeforeAll
    static void start(@TempDir Path dataDir) throws IOException, InterruptedException {
        NodeClient.install();
        // a cut between two polls is noticed by the heartbeat only, and until then the inbox waits for that session too
        server = ServerProcess.start(
                dataDir, "--secure-mode", "--queue-limit", "10000", "--ping-interval", "4", "--ping-timeout", "3");
        backend = new Backend(server);
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    private void grant() {
        backend.redis().set("rm:users:" + user + ":key", "se:cret");
    }

    private RemoteClient connect(Kind kind, int port) {
        grant();
        return kind.connect(port, user, "se:cret");
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private void publish(int from, int to) {
        backend.publishAll("rm.users." + user, numbers(from, to));
    }

    private void awaitAcknowledged(Kind kind) {
        if (kind.acknowledgesLive()) {
            Await.until("all is acknowledged", () -> backend.waiting(user) == 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aBacklogOfAThousandShouldComeInOrder(Kind kind) {
        publish(0, 1_000);
        Await.until("stored", () -> backend.waiting(user) == 1_000);
        try (RemoteClient client = connect(kind, server.port())) {
            client.awaitMessages(1_000);
            assertThat(client.messages())
                    .extracting(message -> message.path("payload").textValue())
                    .isEqualTo(numbers(0, 1_000));
            awaitAcknowledged(kind);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void whatIsLiveShouldComeAsItIs(Kind kind) {
        String payload = "100% \"über\" <b>☃</b> 😀\n\0";
        try (RemoteClient client = connect(kind, server.port())) {
            client.awaitEvent("identified");
            backend.publish("rm.users." + user, payload);
            JsonNode message = client.awaitMessages(1).get(0);
            assertThat(message.path("payload").textValue()).isEqualTo(payload);
            assertThat(message.path("source").textValue()).isEqualTo("rm.users." + user);
            assertThat(message.path("bubble").booleanValue()).isTrue();
            assertThat(message.path("timestamp").longValue()).isPositive();
            awaitAcknowledged(kind);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void twoTabsShouldHaveOneBubble(Kind kind) {
        try (RemoteClient first = connect(kind, server.port())) {
            first.awaitEvent("identified");
            try (RemoteClient second = connect(kind, server.port())) {
                second.awaitEvent("identified");
                publish(0, 100);
                first.awaitMessages(100);
                second.awaitMessages(100);
                assertThat(bubbles(first)).isNotEmpty();
                assertThat(Collections.disjoint(bubbles(first), bubbles(second)))
                        .isTrue();
                if (!kind.reconnectsToAcknowledge()) { // whoever does hands the bubble on
                    assertThat(bubbles(first)).hasSize(100);
                }
                assertThat(first.payloads()).isEqualTo(numbers(0, 100));
                assertThat(second.payloads()).isEqualTo(numbers(0, 100));
                awaitAcknowledged(kind);
            }
        }
    }

    /** The ids of the messages for which the client has the bubble. */
    private static Set<String> bubbles(RemoteClient client) {
        return client.messages().stream()
                .filter(message -> message.path("bubble").booleanValue())
                .map(message -> message.path("id").textValue())
                .collect(Collectors.toSet());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aCutInTheMiddleShouldLoseNothing(Kind kind) throws IOException {
        publish(0, 1_000);
        Await.until("stored", () -> backend.waiting(user) == 1_000);
        try (CuttableProxy proxy = new CuttableProxy(server.port());
                RemoteClient client = connect(kind, proxy.port())) {
            client.awaitMessages(1);
            proxy.cut();
            client.awaitMessages(500);
            proxy.cut();
            publish(1_000, 1_100);
            Await.until(
                    "all, of which came " + client.payloads().size(),
                    () -> client.payloads().size() == 1_100);
            proxy.cut();
            publish(1_100, 1_200);
            Await.until("all", () -> client.payloads().size() == 1_200);
            assertThat(client.payloads()).isEqualTo(numbers(0, 1_200));
            awaitAcknowledged(kind);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aWrongKeyShouldBeRefusedAndLoseNothing(Kind kind) {
        grant();
        publish(0, 10);
        Await.until("stored", () -> backend.waiting(user) == 10);
        try (RemoteClient client = kind.connect(server.port(), user, "wrong")) {
            client.awaitEvent("refused");
            assertThat(client.messages()).isEmpty();
        }
        assertThat(backend.waiting(user)).isEqualTo(10);
        try (RemoteClient client = kind.connect(server.port(), user, "se:cret")) {
            client.awaitMessages(10);
            assertThat(client.payloads()).isEqualTo(numbers(0, 10));
        }
    }
}

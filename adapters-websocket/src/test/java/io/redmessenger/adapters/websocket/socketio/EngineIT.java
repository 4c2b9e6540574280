package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.RawClient;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.delivery.InboxPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the conformance suites of Engine.IO ask for, in both revisions, as far as a server can show it that is no echo. */
class EngineIT {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final SessionSettings ROOMY = new SessionSettings(false, 2, new InboxPolicy(LONG, 100_000));

    private TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(TestServer other) {
        server.close();
        server = other;
    }

    private void restartWithShortHeartbeat() {
        restart(new TestServer(
                TestServer.times(LONG, Duration.ofMillis(300), Duration.ofSeconds(2)), TestServer.SESSIONS));
    }

    private EngineClient client(int revision) {
        return new EngineClient(server.port, revision);
    }

    private EngineClient opened(int revision) {
        EngineClient client = client(revision);
        client.open();
        if (revision == 3) {
            assertThat(client.poll()).containsExactly("40");
        }
        return client;
    }

    /** What a poll gets that was there before {@code end}; of two requests the second may come first, then it is tried again. */
    private List<String> pollDuring(int revision, Consumer<EngineClient> end) {
        List<String> packets = new ArrayList<>();
        Await.until("a poll comes first", () -> {
            EngineClient client = opened(revision);
            CompletableFuture<HttpResponse<String>> poll = client.polling();
            end.accept(client);
            if (Await.value(poll).statusCode() == 200) {
                packets.addAll(client.packets(poll));
            }
            return !packets.isEmpty();
        });
        return packets;
    }

    private static void assertIsError(HttpResponse<String> response, int code, String message) {
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode error = Client.json(response.body());
        assertThat(error.size()).isEqualTo(2);
        assertThat(error.path("code").intValue()).isEqualTo(code);
        assertThat(error.path("message").textValue()).startsWith(message);
    }

    private void assertNobodyIsConnected() {
        Await.until("all places are free", () -> server.metric("redmessenger_connections") == 0);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }

    // ---- handshake

    @Test
    void theHandshakeOfRevision4ShouldHaveExactlyItsKeys() {
        EngineClient client = client(4);
        HttpResponse<String> response = Await.value(client.polling());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/plain; charset=UTF-8");
        JsonNode handshake = Client.json(response.body().substring(1));
        assertThat(response.body()).startsWith("0{");
        assertThat(names(handshake)).containsExactly("sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload");
        assertThat(handshake.path("sid").textValue()).matches("[A-Za-z0-9_-]{20,}");
        assertThat(handshake.path("upgrades")).isEqualTo(Client.json("[\"websocket\"]"));
        assertThat(handshake.path("pingInterval").intValue()).isEqualTo(25_000);
        assertThat(handshake.path("pingTimeout").intValue()).isEqualTo(20_000);
        assertThat(handshake.path("maxPayload").intValue()).isEqualTo(1_024);
    }

    @Test
    void theHandshakeOfRevision3ShouldHaveTheSameKeysAsTheReferenceServers() {
        JsonNode handshake = client(3).open();
        assertThat(names(handshake)).containsExactly("sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void theHandshakeOverWebSocketShouldOfferNoUpgrade(int revision) {
        Client socket = server.connect(client(revision).path("websocket"));
        Await.until("the handshake", () -> !socket.texts().isEmpty());
        JsonNode handshake = Client.json(socket.texts().get(0).substring(1));
        assertThat(socket.texts().get(0)).startsWith("0{");
        assertThat(names(handshake)).contains("sid", "upgrades", "pingInterval", "pingTimeout");
        assertThat(handshake.path("upgrades")).isEqualTo(Client.json("[]"));
    }

    @Test
    void clientsBefore14ShouldGetBinaryPayloads() {
        EngineClient client = client(3);
        HttpResponse<String> old =
                Await.value(client.request("GET", client.path("polling") + "&t=1438480701712-0", ""));
        assertThat(old.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(old.body()).startsWith("\0");
        for (String more : new String[] {"&t=1438480701712-0&b64=1", "&t=NgqPVsw", ""}) {
            HttpResponse<String> text = Await.value(client.request("GET", client.path("polling") + more, ""));
            assertThat(text.headers().firstValue("Content-Type")).contains("text/plain; charset=UTF-8");
            assertThat(text.body()).matches("\\d+:0\\{.*");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET|EIO=4|0|Transport unknown",
                "GET|EIO=4&transport=|0|Transport unknown",
                "GET|EIO=4&transport=abc|0|Transport unknown",
                "GET|EIO=4&transport=flashsocket|0|Transport unknown",
                "GET|transport=polling|5|Unsupported protocol version",
                "GET|EIO=abc&transport=polling|5|Unsupported protocol version",
                "GET|EIO=2&transport=polling|5|Unsupported protocol version",
                "GET|EIO=5&transport=polling|5|Unsupported protocol version",
                "POST|EIO=4&transport=polling|2|Bad handshake method",
                "PUT|EIO=3&transport=polling|2|Bad handshake method",
                "OPTIONS|EIO=4&transport=polling|2|Bad handshake method",
                "GET|EIO=4&transport=polling&sid=zz|1|Session ID unknown",
                "POST|EIO=4&transport=polling&sid=zz|1|Session ID unknown",
                "GET|EIO=4&transport=polling&sid=|1|Session ID unknown",
                "GET|EIO=3&transport=polling&j=0|3|Bad request: JSONP is not offered",
                "GET|EIO=4&transport=websocket|3|Bad request"
            })
    void aBadRequestShouldBeAnError(String method, String query, int code, String message) {
        assertIsError(server.request(method, "/socket.io/?" + query), code, message);
        assertThat(server.metric("redmessenger_connections")).isZero();
    }

    @Test
    void aWebSocketShouldBeRefusedLikewise() throws IOException {
        for (String query : new String[] {
            "EIO=4",
            "EIO=4&transport=abc",
            "EIO=abc&transport=websocket",
            "transport=websocket",
            "EIO=4&transport=websocket&sid=zz",
            "EIO=4&transport=polling"
        }) {
            try (RawClient raw = server.raw()) {
                assertThat(raw.handshakeAt("/socket.io/?" + query)).startsWith("HTTP/1.1 400 ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aSessionShouldBeSpokenToInItsRevisionAndMethods(int revision) {
        EngineClient client = opened(revision);
        String other = client.path("polling").replace("EIO=" + revision, "EIO=" + (7 - revision));
        assertIsError(server.request("GET", other), 3, "Bad request");
        for (String method : new String[] {"PUT", "DELETE", "OPTIONS", "HEAD"}) {
            assertThat(server.request(method, client.path("polling")).statusCode())
                    .isEqualTo(400);
        }
        client.send("6");
    }

    // ---- long-polling

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void severalPacketsShouldTravelInOneBody(int revision) {
        EngineClient client = opened(revision);
        String ack = ",\"x\"]";
        client.send("40/rm,", "42/rm,1[\"a\"" + ack, "42/rm,2[\"b\"" + ack, "42/rm,3[\"c\"" + ack);
        List<String> packets = client.poll();
        assertThat(packets).hasSize(4);
        assertThat(packets.get(0)).startsWith("40/rm,");
        assertThat(packets.subList(1, 4))
                .containsExactly(
                        "43/rm,1[{\"ok\":false,\"code\":\"unknown_event\"}]",
                        "43/rm,2[{\"ok\":false,\"code\":\"unknown_event\"}]",
                        "43/rm,3[{\"ok\":false,\"code\":\"unknown_event\"}]");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aPollShouldWaitForPackets(int revision) {
        EngineClient client = opened(revision);
        CompletableFuture<HttpResponse<String>> poll = client.polling();
        client.send("40/rm,");
        assertThat(client.packets(poll).get(0)).startsWith("40/rm,");
    }

    @ParameterizedTest
    @CsvSource({"4,abc", "4,''", "4,0", "4,bAQIDBA==", "4,4abc", "3,abc", "3,1:x", "3,9:4", "3,10:b4AQIDBA=="})
    void aBodyThatIsNoPayloadShouldEndTheSession(int revision, String body) {
        List<String> polled = pollDuring(revision, client -> {
            int status = client.post(body).statusCode();
            assertThat(status).isEqualTo(body.equals("4abc") ? 200 : 400); // that one is a packet, but not of Socket.IO
            client.assertIsGone();
        });
        assertThat(polled).containsExactly("1");
        assertThat(server.metric("redmessenger_protocol_violation_total")).isPositive();
        assertNobodyIsConnected();
    }

    @Test
    void aBodyInBinaryShouldBeReadInRevision3() {
        EngineClient client = opened(3);
        HttpResponse<String> response = Await.value(client.request(
                "POST",
                client.path("polling"),
                new String(new char[] {0, 6, 0x7f}),
                "Content-Type",
                "application/octet-stream"));
        assertIsError(response, 3, "Bad request");
        client.assertIsGone();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aSecondPollShouldEndTheSession(int revision) {
        EngineClient client = opened(revision);
        List<CompletableFuture<HttpResponse<String>>> polls = List.of(client.polling(), client.polling());
        List<Integer> statuses =
                polls.stream().map(poll -> Await.value(poll).statusCode()).toList();
        assertThat(statuses).containsExactlyInAnyOrder(200, 400);
        CompletableFuture<HttpResponse<String>> first = polls.get(statuses.indexOf(200));
        assertThat(client.packets(first)).containsExactly("1");
        client.assertIsGone();
        assertNobodyIsConnected();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aPollThatIsDroppedShouldEndTheSession(int revision) throws IOException {
        EngineClient client = opened(revision);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.getOutputStream()
                    .write(("GET " + client.path("polling") + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        client.assertIsGone();
        assertNobodyIsConnected();
    }

    @Test
    void requestsShouldShareAConnectionAlsoWhenThePollBeforeHasWaited() throws IOException {
        EngineClient client = opened(4);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.setSoTimeout((int) Await.LIMIT.toMillis());
            byte[] get = ("GET " + client.path("polling") + " HTTP/1.1\r\nHost: x\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            client.send("40/rm,");
            socket.getOutputStream().write(get);
            assertThat(answer(socket)).contains("40/rm,");
            socket.getOutputStream().write(get);
            client.send("42/rm,1[\"x\"]");
            assertThat(answer(socket)).contains("43/rm,1[");
            // the next request is there before the answer to the one that waits
            socket.getOutputStream().write(get);
            socket.getOutputStream().write(get);
            client.send("42/rm,2[\"x\"]");
            assertThat(answer(socket)).contains("43/rm,2[");
            client.send("42/rm,3[\"x\"]");
            assertThat(answer(socket)).contains("43/rm,3[");
        }
    }

    /** A response with Content-Length. */
    private static String answer(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            text.append((char) socket.getInputStream().read());
        }
        assertThat(text).startsWith("HTTP/1.1 200 ");
        int length = Integer.parseInt(text.toString().replaceAll("(?is).*\r\ncontent-length: (\\d+)\r\n.*", "$1"));
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    @Test
    void aBodyThatIsTooLargeShouldBeRefused() {
        EngineClient client = opened(4);
        HttpResponse<String> response = client.post("4" + "x".repeat(2_000));
        assertThat(response.statusCode()).isEqualTo(413);
        client.assertIsGone();
        assertNobodyIsConnected();
    }

    @Test
    void aChunkedBodyThatIsTooLargeShouldBeRefused() throws IOException {
        EngineClient client = opened(4);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.setSoTimeout((int) Await.LIMIT.toMillis());
            String head =
                    "POST " + client.path("polling") + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
            socket.getOutputStream()
                    .write((head + "7d0\r\n" + "x".repeat(2_000) + "\r\n0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            client.assertIsGone();
        }
        assertNobodyIsConnected();
    }

    @Test
    void aSecondBodyAtOnceAndOneThatBreaksOffShouldEndTheSession() throws IOException {
        EngineClient client = opened(4);
        EngineClient other = opened(4);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.getOutputStream()
                    .write(("POST " + client.path("polling") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n40/rm")
                            .getBytes(StandardCharsets.US_ASCII));
            Await.until("the second is refused", () -> client.post("6").statusCode() == 400);
            client.assertIsGone();
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.getOutputStream()
                    .write(("POST " + other.path("polling") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n40/rm")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        assertNobodyIsConnected();
    }

    // ---- heartbeat

    @Test
    void revision4ShouldPingAPollAndEndASessionThatDoesNotAnswer() {
        restartWithShortHeartbeat();
        EngineClient client = opened(4);
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            assertThat(client.poll()).containsExactly("2");
            assertThat(millisSince(start)).isBetween(200L, 5_000L);
            client.send("3");
        }
        assertThat(client.poll()).containsExactly("2");
        long pinged = System.nanoTime();
        CompletableFuture<HttpResponse<String>> last = client.polling();
        assertThat(client.packets(last)).containsExactly("1");
        assertThat(millisSince(pinged)).isBetween(1_950L, 7_000L);
        client.assertIsGone();
        assertThat(server.metric("redmessenger_ping_timeout_total")).isEqualTo(1);
        assertNobodyIsConnected();
    }

    @Test
    void aSessionThatNeverPollsShouldEndOnTheDot() {
        restartWithShortHeartbeat();
        for (int revision : new int[] {3, 4}) {
            long start = System.nanoTime();
            client(revision).open();
            assertNobodyIsConnected();
            assertThat(millisSince(start)).isBetween(2_300L, 7_000L);
        }
        assertThat(server.metric("redmessenger_ping_timeout_total")).isEqualTo(2);
    }

    @Test
    void revision4ShouldPingAWebSocketAndEndASessionThatDoesNotAnswer() {
        restartWithShortHeartbeat();
        Client socket = server.connect(client(4).path("websocket"));
        for (int i = 1; i <= 3; i++) {
            int pings = i;
            Await.until("a ping", () -> count(socket, "2") == pings);
            assertThat(socket.isClosed()).isFalse();
            socket.send("3");
        }
        Await.until("the last ping", () -> count(socket, "2") == 4);
        long pinged = System.nanoTime();
        assertThat(socket.awaitClose().code()).isEqualTo(1000);
        assertThat(millisSince(pinged)).isBetween(1_950L, 7_000L);
        assertNobodyIsConnected();
    }

    private static long count(Client socket, String text) {
        return socket.texts().stream().filter(text::equals).count();
    }

    @Test
    void revision3ShouldAnswerPingsAndEndASessionThatSendsNone() {
        restartWithShortHeartbeat();
        Client socket = server.connect(client(3).path("websocket"));
        EngineClient polling = opened(3);
        long start = System.nanoTime();
        for (int i = 1; millisSince(start) < 3_000; i++) {
            int pongs = i;
            socket.send("2");
            Await.until("a pong", () -> count(socket, "3") == pongs);
            polling.send("2probe");
            assertThat(polling.poll()).containsExactly("3probe");
        }
        long last = System.nanoTime();
        assertThat(socket.awaitClose().reason()).isEqualTo("ping timeout");
        assertThat(millisSince(last)).isBetween(2_200L, 7_000L);
        assertThat(count(socket, "2")).isZero();
        assertNobodyIsConnected();
        polling.assertIsGone();
    }

    @Test
    void whatIsEchoedShouldBeReadableBeyondAscii() {
        EngineClient client = opened(3);
        client.send("2ü€😀", "40/ü€😀,");
        assertThat(client.poll(2)).containsExactly("3ü€😀", "44/ü€😀,\"Invalid namespace\"");
    }

    // ---- close

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aClientThatClosesShouldGetItsPollBack(int revision) {
        List<String> polled = pollDuring(revision, client -> {
            client.send("1");
            client.assertIsGone();
        });
        assertThat(polled).containsExactly("6");
        assertNobodyIsConnected();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aClientThatClosesOverWebSocketShouldBeLetGo(int revision) {
        Client socket = server.connect(client(revision).path("websocket"));
        socket.send("1");
        socket.awaitClose();
        assertNobodyIsConnected();
        Client other = server.connect(client(revision).path("websocket"));
        other.leave();
        assertNobodyIsConnected();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "abc", "5", "7", "bAQIDBA=="})
    void aTextThatIsNoPacketShouldEndTheSession(String text) {
        Client socket = server.connect(client(4).path("websocket"));
        socket.send(text);
        assertThat(socket.awaitClose().code()).isEqualTo(1000);
        assertNobodyIsConnected();
        assertThat(server.metric("redmessenger_protocol_violation_total")).isEqualTo(1);
    }

    @Test
    void binaryFramesShouldBeRefused() throws IOException {
        try (RawClient raw = server.raw().open(client(4).path("websocket"))) {
            raw.send(RawClient.BINARY, new byte[] {4, 1, 2, 3});
            assertThat(raw.next(RawClient.CLOSE).code()).isEqualTo(1003);
        }
        assertNobodyIsConnected();
    }

    // ---- upgrade

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void anUpgradeShouldMoveTheSession(int revision) {
        EngineClient client = opened(revision);
        client.send("40/rm,");
        assertThat(client.poll().get(0)).startsWith("40/rm,");
        CompletableFuture<HttpResponse<String>> poll = client.polling();
        Client socket = server.connect(client.path("websocket"));
        socket.send("2probe");
        Await.until("the answer", () -> socket.texts().equals(List.of("3probe")));
        assertThat(client.packets(poll)).containsExactly("6");
        socket.send("5");
        socket.send("42/rm,1[\"x\"]");
        Await.until("an answer over the WebSocket", () -> socket.texts().size() == 2);
        assertThat(socket.texts().get(1)).startsWith("43/rm,1[");
        assertIsError(Await.value(client.polling()), 3, "Bad request");
        assertIsError(client.post(client.body("6")), 3, "Bad request");
        Client second = server.connect(client.path("websocket"));
        second.awaitClose();
        assertThat(socket.isClosed()).isFalse();
        socket.send("42/rm,2[\"x\"]");
        Await.until("it goes on", () -> socket.texts().size() == 3);
        assertThat(server.metric("redmessenger_connections")).isEqualTo(1);
        socket.leave();
        assertNobodyIsConnected();
    }

    @Test
    void aSecondWebSocketOfASessionThatBeganAsOneShouldBeClosed() {
        EngineClient client = client(4);
        Client socket = server.connect(client.path("websocket"));
        Await.until("the handshake", () -> !socket.texts().isEmpty());
        String sid = Client.json(socket.texts().get(0).substring(1)).path("sid").textValue();
        Client second = server.connect(client.path("websocket") + "&sid=" + sid);
        second.awaitClose();
        assertIsError(server.request("GET", client.path("polling") + "&sid=" + sid), 3, "Bad request");
        assertThat(socket.isClosed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4hello", "2", "3", "6", "1"})
    void aProbeThatIsNoneShouldBeClosedAndTheSessionGoOn(String text) {
        EngineClient client = opened(4);
        Client socket = server.connect(client.path("websocket"));
        socket.send(text);
        assertThat(socket.awaitClose().code()).isEqualTo(1002);
        client.send("40/rm,");
        assertThat(client.poll().get(0)).startsWith("40/rm,");
        Client next = server.connect(client.path("websocket"));
        next.send("2probe");
        Await.until("another may try", () -> next.texts().equals(List.of("3probe")));
    }

    @Test
    void aProbeThatNeverUpgradesShouldNotHoldUpPolling() {
        EngineClient client = opened(4);
        Client socket = server.connect(client.path("websocket"));
        socket.send("2probe");
        Await.until("the answer", () -> socket.texts().equals(List.of("3probe")));
        assertThat(client.poll()).containsExactly("6");
        client.send("40/rm,");
        assertThat(client.poll().get(0)).startsWith("40/rm,");
        socket.leave();
        CompletableFuture<HttpResponse<String>> poll = client.polling();
        client.send("42/rm,1[\"x\"]");
        assertThat(client.packets(poll).get(0)).matches("6|43/rm,1.*");
        assertThat(server.metric("redmessenger_connections")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void nothingShouldBeLostDoubledOrReorderedByAnUpgrade(int revision) {
        restart(new TestServer(TestServer.SETTINGS, ROOMY));
        int count = 400;
        EngineClient client = client(revision).identify("ann");
        CompletableFuture<Void> publishing = CompletableFuture.runAsync(
                () -> IntStream.rangeClosed(1, count).forEach(i -> server.publish("ann", "p" + i)));
        List<String> polled = new ArrayList<>();
        while (polled.size() < 20) {
            polled.addAll(client.poll());
        }
        CompletableFuture<HttpResponse<String>> poll = client.polling();
        Client socket = server.connect(client.path("websocket"));
        socket.send("2probe");
        Await.until("the answer", () -> socket.texts().contains("3probe"));
        polled.addAll(client.packets(poll));
        socket.send("5");
        Await.value(publishing);
        server.awaitNothingWaiting("ann");
        Stream<String> all = Stream.concat(polled.stream(), socket.texts().stream());
        List<String> payloads = all.filter(packet -> packet.startsWith("42/rm,[\"message\","))
                .map(packet -> Client.json(packet.substring(6)).path(1))
                .peek(message -> assertThat(message.has("redelivered")).isFalse())
                .map(message -> message.path("payload").textValue())
                .toList();
        assertThat(payloads)
                .isEqualTo(
                        IntStream.rangeClosed(1, count).mapToObj(i -> "p" + i).toList());
        assertThat(socket.texts()).hasSizeGreaterThan(1);
    }

    // ---- bounds

    @Test
    void whoNeverPollsShouldNotPileUpAnswers() {
        EngineClient client = client(3);
        client.open();
        String many = client.body(Stream.generate(() -> "2").limit(300).toArray(String[]::new));
        int posts = 0;
        while (client.post(many).statusCode() == 200) {
            posts++;
            assertThat(posts).isLessThan(1_000);
        }
        assertThat(posts).isGreaterThan(100);
        client.assertIsGone();
        assertNobodyIsConnected();
    }
}

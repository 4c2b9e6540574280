package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.RawClient;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Socket.IO in its revisions: who is let in, what is sent, and how it ends. */
class SocketIoIT {

    private static final Duration LONG = Duration.ofSeconds(30);

    private TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(TestServer other) {
        server.close();
        server = other;
    }

    private void restartSecure() {
        restart(new TestServer(TestServer.SETTINGS, new SessionSettings(true, 2, TestServer.SESSIONS.inbox())));
        Await.value(server.credentials.set(new UserId("ann"), new Credential("s:ecret")));
    }

    private void restartWithIdentifyTimeout() {
        restart(new TestServer(TestServer.times(Duration.ofMillis(300), LONG, LONG), TestServer.SESSIONS));
    }

    /** Over WebSocket; the handshake has come, and what revision 3 sends besides. */
    private Client open(int revision) {
        Client client = server.connect("/socket.io/?EIO=" + revision + "&transport=websocket");
        awaitText(client, revision == 3 ? "40" : "0{");
        return client;
    }

    private Client connected(int revision) {
        Client client = open(revision).send("40/rm,");
        awaitText(client, "40/rm,");
        return client;
    }

    private Client identified(int revision, String identifier) {
        Client client = connected(revision).send("42/rm,7[\"identifier\",\"" + identifier + "\"]");
        awaitText(client, "43/rm,7[{\"ok\":true");
        return client;
    }

    private EngineClient polling() {
        return new EngineClient(server.port, 4);
    }

    /** Waits for a text with this beginning; returns the first. */
    private static String awaitText(Client client, String beginning) {
        Await.until(
                beginning + " among " + client.texts(),
                () -> client.texts().stream().anyMatch(text -> text.startsWith(beginning)));
        return client.texts().stream()
                .filter(text -> text.startsWith(beginning))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonNode> messages(List<String> packets) {
        return packets.stream()
                .filter(packet -> packet.startsWith("42/rm,[\"message\","))
                .map(packet -> Client.json(packet.substring("42/rm,".length())).path(1))
                .toList();
    }

    private static List<String> payloads(List<String> packets) {
        return messages(packets).stream()
                .map(message -> message.path("payload").textValue())
                .toList();
    }

    private static void awaitPayloads(Client client, String... payloads) {
        Await.until(
                "payloads among " + client.texts(),
                () -> payloads(client.texts()).size() >= payloads.length);
        assertThat(payloads(client.texts())).containsExactly(payloads);
    }

    private void awaitConnections(int count) {
        Await.until(count + " connections", () -> server.metric("redmessenger_connections") == count);
    }

    // ---- CONNECT

    @Test
    void revision4ShouldConnectToBothNamespaces() {
        Client client = open(4).send("40").send("40/rm,");
        assertThat(awaitText(client, "40{")).matches("40\\{\"sid\":\"[A-Za-z0-9_-]{20,}\"}");
        assertThat(awaitText(client, "40/rm,")).matches("40/rm,\\{\"sid\":\"[A-Za-z0-9_-]{20,}\"}");
        assertThat(awaitText(client, "40{"))
                .doesNotContain(awaitText(client, "40/rm,").substring(15, 30));
    }

    @Test
    void revision4ShouldConnectWithAPayloadThatSaysNothing() {
        Client client = open(4).send("40{\"token\":\"123\"}").send("40/rm,{\"other\":1}");
        awaitText(client, "40{");
        awaitText(client, "40/rm,{");
    }

    @Test
    void revision3ShouldBeConnectedToTheRootAndConnectToTheRoute() {
        Client client = open(3).send("40/rm?token=x,");
        assertThat(awaitText(client, "40/rm,")).isEqualTo("40/rm,");
        assertThat(client.texts().subList(1, 3)).containsExactly("40", "40/rm,");
    }

    @Test
    void anUnknownNamespaceShouldBeRefusedWordForWord() {
        Client four = open(4).send("40/random").send("40/rmx,{\"uid\":\"ann\"}");
        assertThat(awaitText(four, "44/random")).isEqualTo("44/random,{\"message\":\"Invalid namespace\"}");
        assertThat(awaitText(four, "44/rmx")).isEqualTo("44/rmx,{\"message\":\"Invalid namespace\"}");
        Client three = open(3).send("40/random");
        assertThat(awaitText(three, "44/random")).isEqualTo("44/random,\"Invalid namespace\"");
        four.send("40/rm,");
        awaitText(four, "40/rm,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4",
                "4abc",
                "47",
                "40[]",
                "40/rm,\"x\"",
                "41/rm,{}",
                "42/rm,{}",
                "42/rm,[",
                "42/rm,[]",
                "42/rm,[{\"a\":1}]",
                "42/rm,[\"identifier\",aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]",
                "42/other,[\"a\"]",
                "42[\"a\"]",
                "44/rm,{}",
                "451-/rm,[\"identifier\",{\"_placeholder\":true,\"num\":0}]",
                "461-/rm,1[{\"_placeholder\":true,\"num\":0}]",
                "40/rm,{}"
            })
    void aPacketThatIsNoneShouldCloseItsOwnConnectionAlone(String packet) {
        Client other = identified(4, "bob");
        Client client = connected(4).send(packet);
        assertThat(client.awaitClose().code()).isEqualTo(1000);
        assertThat(client.awaitClose().reason()).isNotEmpty();
        awaitConnections(1);
        server.publish("bob", "p1");
        awaitPayloads(other, "p1");
        assertThat(server.metric("redmessenger_protocol_violation_total")).isEqualTo(1);
    }

    @Test
    void deepNestingShouldCloseTheConnection() {
        Client client = connected(4).send("42/rm,[\"identifier\"," + "[".repeat(900));
        client.awaitClose();
        awaitConnections(0);
    }

    @Test
    void anEventBeforeConnectShouldCloseTheConnection() {
        Client client = open(4).send("42/rm,[\"identifier\",\"ann\"]");
        client.awaitClose();
        assertThat(server.metric("redmessenger_session_opened_total")).isZero();
    }

    // ---- identifying

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void anIdentifierShouldBeAcknowledgedAndBringWhatWaits(int revision) {
        for (int i = 1; i <= 5; i++) {
            server.publish("ann", "p" + i); // the inbox holds three
        }
        Client client = connected(revision).send("42/rm,0[\"identifier\",\"ann\"]");
        assertThat(awaitText(client, "43/rm,0")).isEqualTo("43/rm,0[{\"ok\":true,\"pending\":3}]");
        awaitPayloads(client, "p3", "p4", "p5");
        assertThat(client.texts()
                        .subList(
                                client.texts().indexOf("43/rm,0[{\"ok\":true,\"pending\":3}]") + 1,
                                client.texts().size())
                        .get(0))
                .isEqualTo("42/rm,[\"missed\",{\"count\":2}]");
        JsonNode first = messages(client.texts()).get(0);
        assertThat(first.path("id").textValue()).isEqualTo("m3");
        assertThat(first.path("source").textValue()).isEqualTo("rm.users.ann");
        assertThat(first.path("bubble").booleanValue()).isTrue();
        assertThat(first.size()).isEqualTo(5);
        server.awaitNothingWaiting("ann");
    }

    @Test
    void anIdentifierWithoutACallbackShouldGetMessagesAlone() {
        Client client = connected(4).send("42/rm,[\"identifier\",\"ann\"]");
        server.awaitIdentified(1);
        server.publish("ann", "p1");
        awaitPayloads(client, "p1");
        assertThat(client.texts()).noneMatch(text -> text.startsWith("43"));
    }

    @Test
    void aNumberShouldDoAsAnIdentifier() {
        Client client = connected(4).send("42/rm,1[\"identifier\",42]");
        awaitText(client, "43/rm,1[{\"ok\":true");
        server.publish("42", "p1");
        awaitPayloads(client, "p1");
    }

    @Test
    void anAuthPayloadShouldIdentifyBeforeTheConnectionIsConfirmed() {
        server.publish("ann", "p1");
        Client client = open(4).send("40/rm,{\"uid\":\"ann\"}");
        awaitPayloads(client, "p1");
        assertThat(client.texts().get(1)).startsWith("40/rm,{\"sid\":");
        client.send("42/rm,1[\"identifier\",\"ann\"]");
        awaitText(client, "43/rm,1[{\"ok\":true,\"pending\":1}]");
        assertThat(server.metric("redmessenger_session_opened_total")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"uid\":\"a b\"}|bad_request",
                "{\"uid\":{}}|bad_request",
                "{\"uid\":null}|bad_request",
                "{\"uid\":\"ann\",\"key\":[]}|bad_request",
                "{\"token\":\"ey.x.y\"}|unauthorized"
            })
    void aBadAuthPayloadShouldBeAConnectError(String auth, String code) {
        Client client = open(4).send("40/rm," + auth);
        JsonNode error = Client.json(awaitText(client, "44/rm,").substring(6));
        assertThat(error.path("message").textValue()).isNotEmpty();
        assertThat(error.path("data").path("code").textValue()).isEqualTo(code);
        client.send("40/rm,{\"uid\":\"ann\"}");
        awaitText(client, "40/rm,{\"sid\"");
        assertThat(client.texts()).noneMatch(text -> text.startsWith("41"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a b\"", "\"\"", "{\"uid\":\"ann\"}", "null", "true", "1.5", "[]"})
    void aBadIdentifierShouldBeToldAndDisconnected(String identifier) {
        Client client = connected(4).send("42/rm,3[\"identifier\"," + identifier + "]");
        awaitText(client, "41/rm,");
        List<String> texts = client.texts().subList(2, client.texts().size());
        assertThat(texts.get(0)).isEqualTo("43/rm,3[{\"ok\":false,\"code\":\"bad_request\"}]");
        assertThat(texts.get(1)).startsWith("42/rm,[\"rm_error\",{\"code\":\"bad_request\",\"message\":\"");
        assertThat(texts.get(2)).isEqualTo("41/rm,");
        client.send("42/rm,[\"identifier\",\"ann\"]").send("40/rm,{\"uid\":\"ann\"}");
        server.awaitIdentified(1);
        assertThat(client.isClosed()).isFalse();
    }

    @Test
    void secureModeShouldTakeTheRightKeyAlone() {
        restartSecure();
        for (String wrong : List.of("ann", "ann:", "ann:x", "bob:s:ecret")) {
            Client client = connected(4).send("42/rm,3[\"identifier\",\"" + wrong + "\"]");
            awaitText(client, "41/rm,");
            assertThat(client.texts().subList(2, 5))
                    .containsExactly(
                            "43/rm,3[{\"ok\":false,\"code\":\"unauthorized\"}]",
                            "42/rm,[\"rm_error\",{\"code\":\"unauthorized\","
                                    + "\"message\":\"the key is missing or wrong\",\"retryable\":false}]",
                            "41/rm,");
            client.leave();
        }
        for (String wrong : List.of("{\"uid\":\"ann\"}", "{\"uid\":\"ann\",\"key\":\"x\"}")) {
            Client client = open(4).send("40/rm," + wrong);
            assertThat(awaitText(client, "44/rm,"))
                    .isEqualTo("44/rm,{\"message\":\"the key is missing or wrong\",\"data\":{\"code\":\"unauthorized\","
                            + "\"message\":\"the key is missing or wrong\",\"retryable\":false}}");
            assertThat(client.texts()).noneMatch(text -> text.startsWith("41"));
            client.leave();
        }
        identified(4, "ann:s:ecret");
        identified(3, "ann:s:ecret");
        Client byAuth = open(4).send("40/rm,{\"uid\":\"ann\",\"key\":\"s:ecret\"}");
        awaitText(byAuth, "40/rm,{\"sid\"");
    }

    @Test
    void identifyingAgainShouldBeHarmlessAsTheSameAndRefusedAsAnother() {
        Client client = identified(4, "ann");
        client.send("42/rm,8[\"identifier\",\"ann\"]").send("42/rm,9[\"identifier\",\"bob\"]");
        assertThat(awaitText(client, "43/rm,8")).isEqualTo("43/rm,8[{\"ok\":true,\"pending\":0}]");
        assertThat(awaitText(client, "43/rm,9")).isEqualTo("43/rm,9[{\"ok\":false,\"code\":\"bad_request\"}]");
        awaitText(client, "42/rm,[\"rm_error\",{\"code\":\"bad_request\"");
        server.publish("bob", "for bob");
        server.publish("ann", "p1");
        awaitPayloads(client, "p1");
        assertThat(server.metric("redmessenger_session_opened_total")).isEqualTo(1);
    }

    @Test
    void aBadIdentifierOfAnIdentifiedClientShouldEndItsSession() {
        Client client = identified(4, "ann").send("42/rm,[\"identifier\",\"a b\"]");
        awaitText(client, "41/rm,");
        Client next = identified(4, "ann");
        server.publish("ann", "p1");
        awaitPayloads(next, "p1");
        assertThat(messages(next.texts()).get(0).path("bubble").booleanValue())
                .as("it is the oldest that lives")
                .isTrue();
        assertThat(payloads(client.texts())).isEmpty();
    }

    @Test
    void whoDoesNotSayWhoItIsShouldBeTurnedOut() {
        restartWithIdentifyTimeout();
        long start = System.nanoTime();
        Client silent = open(4);
        Client nobody = connected(4);
        Client old = connected(3);
        Client staying = identified(4, "ann");
        assertThat(silent.awaitClose().code()).isEqualTo(1008);
        for (Client client : List.of(nobody, old)) {
            assertThat(client.awaitClose().code()).isEqualTo(1008);
            awaitText(client, "42/rm,[\"rm_error\",{\"code\":\"identify_timeout\"");
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(300_000_000);
        awaitConnections(1);
        server.publish("ann", "p1");
        awaitPayloads(staying, "p1");
        EngineClient poller = polling();
        poller.open();
        assertThat(poller.poll()).containsExactly("1");
        poller.assertIsGone();
        assertThat(server.metric("redmessenger_identify_timeout_total")).isEqualTo(4);
    }

    @Test
    void whoIsRefusedAndStaysShouldBeTurnedOut() {
        restartWithIdentifyTimeout();
        Client never = connected(4).send("42/rm,[\"identifier\",\"a b\"]");
        Client noMore = identified(4, "ann").send("42/rm,[\"identifier\",\"a b\"]");
        Client left = identified(4, "ann").send("41/rm,");
        Client replaced = identified(4, "bob");
        identified(4, "bob");
        identified(4, "bob");
        for (Client client : List.of(never, noMore, left, replaced)) {
            assertThat(client.awaitClose().code()).isEqualTo(1008);
        }
        awaitText(noMore, "41/rm,");
        awaitText(replaced, "41/rm,");
        awaitConnections(2);
    }

    // ---- DISCONNECT

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void aClientThatDisconnectsShouldGetNothingAndMayConnectAgain(int revision) {
        Client client = identified(revision, "ann").send("41/rm,");
        Await.until(
                "nobody is there",
                () -> !server.publish("ann", "p").toString().isEmpty()
                        && server.waiting("ann").size() == 3);
        int before = payloads(client.texts()).size();
        client.send("40/rm,").send("42/rm,9[\"identifier\",\"bob\"]");
        awaitText(client, "43/rm,9[{\"ok\":true,\"pending\":0}]");
        server.publish("bob", "for bob");
        Await.until("a message", () -> payloads(client.texts()).size() > before);
        assertThat(payloads(client.texts()).subList(before, before + 1)).containsExactly("for bob");
        assertThat(server.waiting("ann")).hasSize(3);
    }

    @Test
    void disconnectingFromTheRootShouldLeaveTheRouteAlone() {
        Client client = open(4).send("40").send("40/rm,{\"uid\":\"ann\"}").send("41");
        awaitText(client, "40/rm,{");
        server.publish("ann", "p1");
        awaitPayloads(client, "p1");
    }

    // ---- acknowledgement

    @Test
    void theNextPollShouldEmptyTheInbox() {
        EngineClient client = polling().identify("ann");
        server.publish("ann", "p1");
        assertThat(payloads(client.poll(1))).containsExactly("p1");
        assertThat(server.waiting("ann")).containsExactly("p1");
        CompletableFuture<HttpResponse<String>> next = client.polling();
        server.awaitNothingWaiting("ann");
        server.publish("ann", "p2");
        assertThat(payloads(client.packets(next))).containsExactly("p2");
    }

    @Test
    void whatNoPollProvedShouldComeAgain() {
        EngineClient client = polling().identify("ann");
        server.publish("ann", "p1");
        assertThat(payloads(client.poll(1))).containsExactly("p1");
        client.send("1");
        client.assertIsGone();
        assertThat(server.waiting("ann")).containsExactly("p1");
        Client next = identified(4, "ann");
        awaitPayloads(next, "p1");
        JsonNode again = messages(next.texts()).get(0);
        assertThat(again.path("id").textValue()).isEqualTo("m1");
        assertThat(again.path("redelivered").booleanValue()).isTrue();
        server.awaitNothingWaiting("ann");
    }

    @Test
    void aPongShouldEmptyTheInboxAndNothingElse() throws IOException {
        try (RawClient raw = server.raw().open("/socket.io/?EIO=4&transport=websocket")) {
            raw.send("40/rm,{\"uid\":\"ann\"}");
            server.awaitIdentified(1);
            server.publish("ann", "p1");
            long ping = raw.next(RawClient.PING).token();
            raw.send("42/rm,1[\"x\"]").pong(ping + 1);
            while (!raw.next(RawClient.TEXT).payload().startsWith("43/rm,1")) {}
            assertThat(server.waiting("ann")).containsExactly("p1");
            raw.pong(ping);
            server.awaitNothingWaiting("ann");
        }
    }

    @Test
    void whatNoPongProvedShouldComeAgain() throws IOException {
        try (RawClient raw = server.raw().open("/socket.io/?EIO=4&transport=websocket")) {
            raw.send("40/rm,{\"uid\":\"ann\"}");
            server.awaitIdentified(1);
            server.publish("ann", "p1");
            raw.next(RawClient.PING);
        }
        awaitConnections(0);
        Client next = identified(4, "ann");
        awaitPayloads(next, "p1");
        assertThat(messages(next.texts()).get(0).path("redelivered").booleanValue())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void payloadsShouldArriveUnchanged(int revision) {
        List<String> payloads = List.of("100%", "ü € 😀 \u2028", "\"q\" \\ \u001e \n\r\0", "", "{}", "6:4hello");
        EngineClient client = new EngineClient(server.port, revision).identify("ann");
        for (String payload : payloads) {
            server.publish("ann", payload);
            List<String> packets = client.poll();
            assertThat(payloads(packets)).containsExactly(payload);
            if (revision == 3) {
                assertThat(packets.get(0)).matches("\\p{ASCII}*");
            }
        }
    }

    // ---- how it ends

    @Test
    void theOldestOfTooManyShouldBeDisconnectedForGood() {
        Client first = identified(4, "ann");
        EngineClient second = polling().identify("ann");
        Client third = identified(3, "ann");
        awaitText(first, "41/rm,");
        awaitText(first, "42/rm,[\"rm_error\",{\"code\":\"replaced\"");
        assertThat(first.isClosed()).isFalse();
        server.publish("ann", "p1");
        assertThat(payloads(second.poll(1))).containsExactly("p1");
        awaitPayloads(third, "p1");
        assertThat(payloads(first.texts())).isEmpty();
    }

    @Test
    void drainingShouldCloseTransportsSoThatClientsComeBack() {
        Client socket = identified(4, "ann");
        EngineClient poller = polling().identify("bob");
        CompletableFuture<HttpResponse<String>> poll = poller.polling();
        Await.value(server.sessions.drain(Duration.ZERO));
        assertThat(socket.awaitClose().code()).isEqualTo(1001);
        assertThat(socket.awaitClose().reason()).matches("retry-after=[1-5]");
        awaitText(socket, "42/rm,[\"rm_error\",{\"code\":\"going_away\"");
        assertThat(socket.texts()).noneMatch(text -> text.startsWith("41"));
        List<String> packets = new java.util.ArrayList<>(poller.packets(poll));
        if (!packets.contains("1")) {
            packets.addAll(poller.poll());
        }
        assertThat(packets.get(0)).startsWith("42/rm,[\"rm_error\",{\"code\":\"going_away\"");
        assertThat(packets.get(1)).isEqualTo("1");
        poller.assertIsGone();
        awaitConnections(0);
    }

    @Test
    void aStoreThatIsGoneShouldCloseTheTransport() {
        server.signals.disconnect();
        Client socket = connected(4).send("42/rm,1[\"identifier\",\"ann\"]");
        assertThat(socket.awaitClose().code()).isEqualTo(1013);
        awaitText(socket, "43/rm,1[{\"ok\":false,\"code\":\"store_unavailable\"}]");
        Client byAuth = open(4).send("40/rm,{\"uid\":\"ann\"}");
        assertThat(byAuth.awaitClose().code()).isEqualTo(1013);
        assertThat(byAuth.texts()).as("whoever gets a 44 does not come back").hasSize(1);
        awaitConnections(0);
    }

    // ---- being refused

    @Test
    void aFullNodeShouldSaySo() throws IOException {
        restart(new TestServer(TestServer.admitting(1, Set.of()), TestServer.SESSIONS));
        Client only = open(4);
        HttpResponse<String> refused = server.request("GET", "/socket.io/?EIO=4&transport=polling");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        try (RawClient raw = server.raw()) {
            assertThat(raw.handshakeAt("/socket.io/?EIO=4&transport=websocket")).startsWith("HTTP/1.1 503 ");
        }
        only.leave();
        awaitConnections(0);
        polling().identify("ann");
    }

    @Test
    void pagesOfAllowedOriginsShouldGetCredentialsAndOthersNothing() throws IOException {
        restart(new TestServer(TestServer.admitting(10, Set.of("https://a.example")), TestServer.SESSIONS));
        EngineClient client = polling();
        String path = client.path("polling");
        HttpResponse<String> good = Await.value(client.request("GET", path, "", "Origin", "https://a.example"));
        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(good.headers().firstValue("Access-Control-Allow-Origin")).contains("https://a.example");
        assertThat(good.headers().firstValue("Access-Control-Allow-Credentials"))
                .contains("true");
        HttpResponse<String> bad = Await.value(client.request("GET", path, "", "Origin", "https://b.example"));
        assertThat(bad.statusCode()).isEqualTo(403);
        HttpResponse<String> error =
                Await.value(client.request("GET", "/socket.io/?EIO=9", "", "Origin", "https://a.example"));
        assertThat(error.headers().firstValue("Access-Control-Allow-Origin")).contains("https://a.example");
        HttpResponse<String> preflight = Await.value(client.request(
                "OPTIONS", path, "", "Origin", "https://a.example", "Access-Control-Request-Method", "POST"));
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
                .contains("GET, POST");
        try (RawClient raw = server.raw();
                RawClient other = server.raw()) {
            String webSocket = client.path("websocket");
            assertThat(raw.handshakeAt(webSocket, "Origin: https://b.example")).startsWith("HTTP/1.1 403 ");
            assertThat(other.handshakeAt(webSocket, "Origin: https://a.example"))
                    .startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void aFrameThatIsTooLargeShouldBeRefused() {
        Client client = connected(4).send("42/rm,[\"" + "x".repeat(2_000) + "\"]");
        assertThat(client.awaitClose().code()).isEqualTo(1009);
        awaitConnections(0);
    }

    @Test
    void bytesShouldNotMakeTheServerThrow() throws IOException {
        java.util.Random random = new java.util.Random(6);
        String likely = "0123456/rm,[]{}\"identfr:an";
        for (int i = 0; i < 300; i++) {
            StringBuilder packet = new StringBuilder("4");
            for (int length = random.nextInt(20); length > 0; length--) {
                packet.append(likely.charAt(random.nextInt(likely.length())));
            }
            try (RawClient raw = server.raw().open("/socket.io/?EIO=4&transport=websocket")) {
                raw.send("40/rm,").send(RawClient.TEXT, packet.toString().getBytes(StandardCharsets.UTF_8));
                raw.send("1");
                raw.next(RawClient.CLOSE);
            }
        }
        awaitConnections(0);
    }
}

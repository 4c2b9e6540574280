package io.redmessenger.adapters.websocket.plain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.RawClient;
import io.redmessenger.adapters.websocket.RawClient.Received;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlainIT {

    private static final String JSON_ANN = "{\"type\":\"identify\",\"uid\":\"ann\"}";
    private static final String EXPLICIT_ANN = "{\"type\":\"identify\",\"uid\":\"ann\",\"ack\":\"explicit\"}";
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

    private static List<String> payloads(List<JsonNode> messages) {
        return messages.stream().map(m -> m.path("payload").asText()).toList();
    }

    // ---- identifying, and what comes then

    @Test
    void bareTextShouldGetMessagesOnly() {
        for (int i = 1; i <= 5; i++) {
            server.publish("ann", "p" + i); // the inbox holds three
        }
        Client client = server.connect().send("ann");
        client.await(3);
        server.publish("ann", "p6");
        List<JsonNode> texts = client.await(4);
        assertThat(payloads(texts)).containsExactly("p3", "p4", "p5", "p6");
        JsonNode first = texts.get(0);
        assertThat(first.path("id").asText()).isEqualTo("m3");
        assertThat(first.path("source").asText()).isEqualTo("rm.users.ann");
        assertThat(first.path("timestamp").isIntegralNumber()).isTrue();
        assertThat(first.path("bubble").isBoolean()).isTrue();
        assertThat(first.has("redelivered")).isFalse();
        assertThat(first.size()).isEqualTo(5);
    }

    @Test
    void jsonShouldGetReadyThenMissedThenMessages() {
        for (int i = 1; i <= 5; i++) {
            server.publish("ann", "p" + i);
        }
        Client client = server.connect().send(JSON_ANN);
        List<JsonNode> texts = client.await(5);
        assertThat(texts.get(0)).isEqualTo(Client.json("{\"type\":\"ready\",\"uid\":\"ann\",\"pending\":3}"));
        assertThat(texts.get(1)).isEqualTo(Client.json("{\"type\":\"missed\",\"count\":2}"));
        assertThat(payloads(texts.subList(2, 5))).containsExactly("p3", "p4", "p5");
    }

    @Test
    void payloadsShouldArriveUnchanged() {
        Client client = server.connect().send("ann");
        List<String> payloads = List.of("100%", "\uD83D\uDE00 \"q\" \\", "\u0000\n\u2028", "", "{}");
        for (int i = 0; i < payloads.size(); i++) {
            server.publish("ann", payloads.get(i));
            client.await(i + 1);
        }
        assertThat(payloads(client.await(5))).isEqualTo(payloads);
    }

    @Test
    void bubbleShouldBeTrueOnTheOldestAndBePassedOn() {
        Client one = server.connect().send(JSON_ANN);
        one.await(1);
        Client two = server.connect().send(JSON_ANN);
        two.await(1);
        server.publish("ann", "p1");
        assertThat(one.await(2).get(1).path("bubble").asBoolean()).isTrue();
        assertThat(two.await(2).get(1).path("bubble").asBoolean()).isFalse();
        one.leave();
        Await.until("it has left", () -> server.metric("redmessenger_connections") == 1);
        server.publish("ann", "p2");
        two.await(3);
        server.publish("ann", "p3");
        assertThat(two.await(4).get(3).path("bubble").asBoolean()).isTrue();
    }

    // ---- acknowledging

    @Test
    void aPongShouldAcknowledgeWhatCameBeforeItsPing() throws IOException {
        server.publish("ann", "p1");
        server.publish("ann", "p2");
        try (RawClient client = server.raw().open().send("ann")) {
            assertThat(client.next().payload()).contains("p1");
            assertThat(client.next().payload()).contains("p2");
            Received ping = client.next();
            assertThat(ping.opcode()).isEqualTo(RawClient.PING);
            assertThat(server.waiting("ann")).containsExactly("p1", "p2");
            client.pong(ping.token());
            server.awaitNothingWaiting("ann");
        }
    }

    @Test
    void onePingAtATimeShouldBeOnItsWay() throws IOException {
        try (RawClient client = server.raw().open().send("ann")) {
            server.awaitIdentified(1);
            server.publish("ann", "p1");
            Received ping = client.next(RawClient.PING);
            server.publish("ann", "p2");
            server.publish("ann", "p3");
            assertThat(client.next().payload()).contains("p2");
            assertThat(client.next().payload()).contains("p3");
            client.pong(ping.token());
            Received second = client.next();
            assertThat(second.opcode()).isEqualTo(RawClient.PING);
            Await.until("p1 is done", () -> server.waiting("ann").size() == 2);
            while (second.token() < 3) { // it may have been sent between p2 and the note that p3 was sent
                client.pong(second.token());
                second = client.next();
                assertThat(second.opcode()).isEqualTo(RawClient.PING);
            }
            client.pong(second.token());
            server.awaitNothingWaiting("ann");
        }
    }

    @Test
    void aPongThatNobodyAskedForShouldAcknowledgeNothing() throws IOException {
        server.publish("ann", "p1");
        try (RawClient client = server.raw().open()) {
            client.pong(1).send("ann");
            Received ping = client.next(RawClient.PING);
            client.pong(ping.token() + 1).pong(Long.MAX_VALUE).send(RawClient.PONG, new byte[3]);
            client.send(RawClient.PING, new byte[] {7});
            client.next(RawClient.PONG); // so all before was read
            assertThat(server.waiting("ann")).containsExactly("p1");
            client.pong(ping.token());
            server.awaitNothingWaiting("ann");
        }
    }

    @Test
    void explicitAcknowledgementsShouldBeTheOnlyOnes() throws IOException {
        try (RawClient client = server.raw().open().send(EXPLICIT_ANN)) {
            assertThat(client.next().payload()).contains("\"ready\"");
            server.publish("ann", "p1");
            server.publish("ann", "p2");
            server.publish("ann", "p3");
            assertThat(client.next().payload()).contains("p1");
            assertThat(client.next().payload()).contains("p2");
            assertThat(client.next().payload()).contains("p3");
            client.send("{\"type\":\"ack\",\"id\":\"unknown\"}").send("{\"type\":\"ack\",\"id\":\"m2\"}");
            Await.until("two are done", () -> server.waiting("ann").equals(List.of("p3")));
        }
        Client next = server.connect().send("ann");
        JsonNode message = next.await(1).get(0);
        assertThat(message.path("payload").asText()).isEqualTo("p3");
        assertThat(message.path("redelivered").asBoolean()).isTrue();
        assertThat(message.path("id").asText()).isEqualTo("m3");
    }

    @Test
    void whoNeverAnswersPingsShouldBeEndedAndTheNextGetEverythingAgain() throws Exception {
        restart(new TestServer(
                TestServer.times(LONG, Duration.ofMillis(300), Duration.ofMillis(300)), TestServer.SESSIONS));
        Client bystander = server.connect().send("bob");
        try (RawClient dead = server.raw().open().send("ann")) {
            server.awaitIdentified(2);
            server.publish("ann", "p1");
            server.publish("ann", "p2");
            Received last = dead.next();
            while (last.opcode() != RawClient.END) {
                assertThat(last.opcode())
                        .as("no close frame: nobody would read it")
                        .isNotEqualTo(RawClient.CLOSE);
                last = dead.next();
            }
        }
        assertThat(server.waiting("ann")).containsExactly("p1", "p2");
        assertThat(server.metric("redmessenger_ping_timeout_total")).isEqualTo(1);
        Client next = server.connect().send("ann");
        List<JsonNode> again = next.await(2);
        assertThat(payloads(again)).containsExactly("p1", "p2");
        assertThat(again).allMatch(m -> m.path("redelivered").asBoolean());
        server.awaitNothingWaiting("ann");
        server.publish("bob", "p3");
        assertThat(payloads(bystander.await(1))).containsExactly("p3");
    }

    @Test
    void aHalfOpenSocketShouldNotCountAsDelivered() throws IOException {
        try (RawClient silent = server.raw().open().send("ann")) {
            server.awaitIdentified(1);
            server.publish("ann", "p1");
            silent.next(RawClient.PING);
            assertThat(server.waiting("ann")).containsExactly("p1");
        }
        Client next = server.connect().send("ann");
        assertThat(payloads(next.await(1))).containsExactly("p1");
        server.awaitNothingWaiting("ann");
    }

    @Test
    void whoAnswersPingsShouldStayThoughNothingElseHappens() {
        restart(new TestServer(
                TestServer.times(LONG, Duration.ofMillis(50), Duration.ofSeconds(20)), TestServer.SESSIONS));
        Client client = server.connect().send("ann");
        Await.until("several pings were answered", () -> client.pings() >= 5);
        assertThat(client.isClosed()).isFalse();
        server.publish("ann", "p1");
        assertThat(payloads(client.await(1))).containsExactly("p1");
    }

    // ---- ends that are nobody's fault

    @Test
    void noIdentifierInTimeShouldEndIt() throws Exception {
        restart(new TestServer(TestServer.times(Duration.ofMillis(200), LONG, LONG), TestServer.SESSIONS));
        try (RawClient silent = server.raw().open()) {
            Received close = silent.next();
            assertThat(close.code()).isEqualTo(4408);
            assertThat(close.payload()).isEqualTo("no identifier within 200 ms");
        }
        try (RawClient pinging = server.raw().open().send(RawClient.PING, new byte[0])) {
            assertThat(pinging.next(RawClient.CLOSE).code()).isEqualTo(4408);
        }
        assertThat(server.metric("redmessenger_identify_timeout_total")).isEqualTo(2);
    }

    @Test
    void oneConnectionTooManyShouldReplaceTheOldest() {
        Client one = server.connect().send(JSON_ANN);
        one.await(1);
        Client two = server.connect().send("ann");
        server.awaitIdentified(2);
        Client three = server.connect().send("ann");
        assertThat(one.awaitClose()).isEqualTo(new Client.Close(4409, "replaced by a newer connection"));
        assertThat(one.await(2).get(1))
                .isEqualTo(Client.json("{\"type\":\"error\",\"code\":\"replaced\","
                        + "\"message\":\"replaced by a newer connection\",\"retryable\":false}"));
        server.publish("ann", "p1");
        assertThat(payloads(two.await(1))).containsExactly("p1");
        assertThat(payloads(three.await(1))).containsExactly("p1");
        assertThat(one.texts()).hasSize(2);
    }

    @Test
    void secureModeShouldWantTheKey() {
        restart(new TestServer(TestServer.SETTINGS, new SessionSettings(true, 2, TestServer.SESSIONS.inbox())));
        Await.value(server.credentials.set(new UserId("ann"), new Credential("k:1")));
        Client right = server.connect().send("ann:k:1");
        Client json = server.connect().send("{\"type\":\"identify\",\"uid\":\"ann\",\"key\":\"k:1\"}");
        json.await(1);
        for (String wrong : List.of("ann", "ann:k:2", "bob:k:1", "bob")) {
            Client client = server.connect().send(wrong);
            assertThat(client.awaitClose().code()).isEqualTo(4401);
            assertThat(client.texts()).isEmpty();
        }
        Client wrong = server.connect().send(JSON_ANN);
        assertThat(wrong.awaitClose().code()).isEqualTo(4401);
        assertThat(wrong.await(1).get(0).path("code").asText()).isEqualTo("unauthorized");
        assertThat(wrong.await(1).get(0).path("retryable").asBoolean(true)).isFalse();
        server.publish("ann", "p1");
        assertThat(payloads(right.await(1))).containsExactly("p1");
        assertThat(payloads(json.await(2))).endsWith("p1");
    }

    @Test
    void anUnavailableStoreShouldTurnAwayTheNewAndKeepTheOld() {
        Client old = server.connect().send("ann");
        server.awaitIdentified(1);
        server.signals.disconnect();
        assertThat(server.connect().send("ann").awaitClose().code()).isEqualTo(1013);
        Client json = server.connect().send(JSON_ANN);
        assertThat(json.awaitClose().code()).isEqualTo(1013);
        JsonNode error = json.await(1).get(0);
        assertThat(error.path("type").asText()).isEqualTo("error");
        assertThat(error.path("code").asText()).isEqualTo("store_unavailable");
        assertThat(error.path("retryable").asBoolean()).isTrue();
        server.signals.reconnect();
        server.publish("ann", "p1");
        assertThat(payloads(old.await(1))).containsExactly("p1");
    }

    @Test
    void anUnreadableInboxShouldEndIt() {
        server.store.storeSomethingElse(new UserId("ann"));
        Client client = server.connect().send(JSON_ANN);
        assertThat(client.awaitClose().code()).isEqualTo(1011);
        assertThat(client.await(1).get(0).path("code").asText()).isEqualTo("inbox_unreadable");
    }

    @Test
    void goingAwayShouldSayWhenToComeBack() {
        Client bare = server.connect().send("ann");
        Client json = server.connect().send("{\"type\":\"identify\",\"uid\":\"bob\"}");
        server.awaitIdentified(2);
        server.publish("ann", "p1");
        bare.await(1);
        Await.value(server.sessions.drain(Duration.ZERO));
        for (Client client : List.of(bare, json)) {
            Client.Close close = client.awaitClose();
            assertThat(close.code()).isEqualTo(1001);
            assertThat(close.reason()).matches("retry-after=[1-5]");
        }
        assertThat(json.await(2).get(1).path("code").asText()).isEqualTo("going_away");
        assertThat(server.connect().send("ann").awaitClose().code()).isEqualTo(1001);
    }
}

package io.redmessenger.adapters.websocket.sse;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.EventSourceClient;
import io.redmessenger.adapters.websocket.EventSourceClient.Event;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseIT {

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

    private EventSourceClient client() throws IOException {
        return new EventSourceClient(server.port);
    }

    private void awaitConnections(int count) {
        Await.until(count + " connections", () -> server.metric("redmessenger_connections") == count);
    }

    private static List<String> payloads(EventSourceClient client, int count) throws IOException {
        List<String> payloads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            payloads.add(client.message().json().path("payload").textValue());
        }
        return payloads;
    }

    // ---- what comes

    @Test
    void theHeadShouldBeThatOfAStreamThatNobodyHoldsBack() throws IOException {
        try (EventSourceClient client = client()) {
            client.get("/rm/events?uid=ann", "Accept: text/event-stream");
            assertThat(client.head())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsIgnoringCase("\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
                    .containsIgnoringCase("\r\nCache-Control: no-cache, no-transform\r\n")
                    .containsIgnoringCase("\r\nX-Accel-Buffering: no\r\n")
                    .containsIgnoringCase("\r\nTransfer-Encoding: chunked\r\n")
                    .doesNotContainIgnoringCase("\r\nContent-Length:");
        }
    }

    @Test
    void readyThenMissedThenMessagesShouldCome() throws IOException {
        for (int i = 1; i <= 5; i++) {
            server.publish("ann", "p" + i); // the inbox holds three
        }
        try (EventSourceClient client = client().get("/rm/events?uid=ann")) {
            Event ready = client.next();
            assertThat(ready.type()).isEqualTo("ready");
            assertThat(ready.json()).isEqualTo(Client.json("{\"uid\":\"ann\",\"pending\":3}"));
            assertThat(ready.id()).isEmpty();
            assertThat(Integer.parseInt(ready.retry())).isBetween(2_000, 3_000);
            Event missed = client.next();
            assertThat(missed.type()).isEqualTo("missed");
            assertThat(missed.json()).isEqualTo(Client.json("{\"count\":2}"));
            Event first = client.next();
            assertThat(first.type()).isEqualTo("message");
            assertThat(first.id()).isEqualTo("m3");
            JsonNode message = first.json();
            assertThat(message.path("id").textValue()).isEqualTo("m3");
            assertThat(message.path("source").textValue()).isEqualTo("rm.users.ann");
            assertThat(message.path("bubble").booleanValue()).isTrue();
            assertThat(message.size()).isEqualTo(5);
            assertThat(payloads(client, 2)).containsExactly("p4", "p5");
            server.publish("ann", "live");
            assertThat(payloads(client, 1)).containsExactly("live");
        }
    }

    @Test
    void payloadsShouldArriveUnchangedAndForgeNothing() throws IOException {
        restart(new TestServer(TestServer.SETTINGS, ROOMY));
        List<String> payloads = List.of(
                "100%", "😀 \"q\" \\", "\n\nid: x", "\r\nevent: rm_error\r\n\r\n", "\0\r\u2028\u2029\u0085", "", "{}");
        try (EventSourceClient client = client().open("uid=ann")) {
            payloads.forEach(payload -> server.publish("ann", payload));
            for (int i = 0; i < payloads.size(); i++) {
                Event event = client.next();
                assertThat(event.type()).isEqualTo("message");
                assertThat(event.id()).isEqualTo("m" + (i + 1));
                assertThat(event.json().path("payload").textValue()).isEqualTo(payloads.get(i));
            }
        }
    }

    @Test
    void http10ShouldGetABodyThatEndsWithTheConnection() throws IOException {
        try (EventSourceClient client = client()) {
            client.send("GET /rm/events?uid=ann HTTP/1.0\r\n\r\n").readHead();
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head()).doesNotContainIgnoringCase("chunked");
            assertThat(client.next().type()).isEqualTo("ready");
            server.publish("ann", "p1");
            assertThat(payloads(client, 1)).containsExactly("p1");
            server.sessions.drain(Duration.ZERO);
            assertThat(client.next().type()).isEqualTo("rm_error");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void bubbleShouldBeTrueOnTheOldestAlone() throws IOException {
        try (EventSourceClient one = client().open("uid=ann");
                EventSourceClient two = client().open("uid=ann")) {
            server.publish("ann", "p1");
            assertThat(one.message().json().path("bubble").booleanValue()).isTrue();
            assertThat(two.message().json().path("bubble").booleanValue()).isFalse();
        }
    }

    // ---- acknowledging

    @Test
    void nothingShouldBeDoneWithBeforeTheNextConnectionSaysSo() throws IOException {
        try (EventSourceClient client = client().open("uid=ann")) {
            server.publish("ann", "p1");
            server.publish("ann", "p2");
            assertThat(payloads(client, 2)).containsExactly("p1", "p2");
            assertThat(server.waiting("ann")).containsExactly("p1", "p2");
        }
        awaitConnections(0);
        assertThat(server.waiting("ann")).containsExactly("p1", "p2");
        try (EventSourceClient client = client().open("uid=ann", "Last-Event-ID: m1")) {
            Event second = client.message();
            assertThat(second.id()).isEqualTo("m2");
            assertThat(second.json().path("redelivered").booleanValue()).isTrue();
            Await.until("m1 is done", () -> server.waiting("ann").equals(List.of("p2")));
        }
        awaitConnections(0);
        try (EventSourceClient client = client().open("uid=ann&lastEventId=m2")) {
            server.awaitNothingWaiting("ann");
            server.publish("ann", "p3");
            assertThat(client.message().id()).isEqualTo("m3");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "", "no id", "é", "\""})
    void anIdThatNobodyKnowsShouldAcknowledgeNothing(String id) throws IOException {
        server.publish("ann", "p1");
        try (EventSourceClient client = client().open("uid=ann", "Last-Event-ID: " + id)) {
            assertThat(client.message().id()).isEqualTo("m1");
            assertThat(server.waiting("ann")).containsExactly("p1");
        }
    }

    @Test
    void theUidShouldBeDecodedOnce() throws IOException {
        for (String encoded : new String[] {"a%2Bb%40c.d", "a%2bb@c.d"}) {
            try (EventSourceClient client = client().get("/rm/events?x=1&uid=" + encoded)) {
                assertThat(client.next().json().path("uid").textValue()).isEqualTo("a+b@c.d");
            }
        }
        assertIsProblem(server.request("GET", "/rm/events?uid=a%252Bb"), 400, "a%2Bb");
        assertIsProblem(server.request("GET", "/rm/events?uid=a+b"), 400, "a b");
    }

    // ---- being refused

    @Test
    void aMissingUidShouldBeAProblemThatSaysWhatToDo() {
        HttpResponse<String> response = server.request("GET", "/rm/events");
        assertIsProblem(response, 400, "?uid=");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"uid=", "uid=a:b", "uid=a%2Fb", "uid=a%20b", "uid=a&uid=b", "uid=%00", "uid=a&token=x&token=y"})
    void aBadRequestShouldBeAProblem(String query) {
        assertIsProblem(server.request("GET", "/rm/events?" + query), 400, "");
        assertThat(server.metric("redmessenger_connections")).isZero();
    }

    @Test
    void aKeyThatIsTooLongShouldBeAProblem() {
        String key = "k".repeat(4_097);
        assertIsProblem(server.request("GET", "/rm/events?uid=ann&token=" + key), 400, "4096");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "HEAD"})
    void anotherMethodShouldBeRefused(String method) {
        HttpResponse<String> response = server.request(method, "/rm/events?uid=ann");
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET");
    }

    @Test
    void secureModeShouldTakeTheRightKeyAlone() throws IOException {
        restart(new TestServer(TestServer.SETTINGS, new SessionSettings(true, 2, TestServer.SESSIONS.inbox())));
        Await.value(server.credentials.set(new UserId("ann"), new Credential("s:e c+ret")));
        String ann = "/rm/events?uid=ann";
        for (String wrong : new String[] {ann, ann + "&token=", ann + "&token=x", "/rm/events?uid=bob&token=x"}) {
            HttpResponse<String> response = server.request("GET", wrong);
            assertIsProblem(response, 401, "key");
            assertThat(response.headers().firstValue("WWW-Authenticate"))
                    .get()
                    .asString()
                    .startsWith("Bearer");
        }
        try (EventSourceClient client = client()) {
            assertThat(client.get(ann, "Authorization: Basic s:e c+ret").status())
                    .isEqualTo(401);
        }
        client().open("uid=ann", "Authorization: Bearer s:e c+ret").close();
        client().open("uid=ann", "authorization: bearer s:e c+ret").close();
        client().open("uid=ann&token=s%3Ae%20c%2Bret").close();
        try (EventSourceClient client = client()) {
            assertThat(client.get(ann + "&token=s%3Ae%20c%2Bret", "Authorization: Bearer x")
                            .status())
                    .as("the header counts")
                    .isEqualTo(401);
        }
        awaitConnections(0);
    }

    @Test
    void aRefusedClientShouldKeepItsConnectionForAnotherTry() throws IOException {
        server.signals.disconnect();
        try (EventSourceClient client = client()) {
            client.get("/rm/events?uid=ann");
            assertThat(client.status()).isEqualTo(503);
            assertThat(client.head()).containsIgnoringCase("\r\nretry-after: 5\r\n");
            assertThat(client.head()).containsIgnoringCase("\r\nContent-Type: application/problem+json\r\n");
            int length = Integer.parseInt(client.head().replaceAll("(?is).*content-length: (\\d+).*", "$1"));
            for (int i = 0; i < length; i++) {
                client.read();
            }
            awaitConnections(0);
            server.signals.reconnect();
            client.open("uid=ann");
        }
    }

    @Test
    void oneConnectionTooManyShouldGet503UntilThereIsRoom() throws IOException {
        restart(new TestServer(TestServer.admitting(1, Set.of()), TestServer.SESSIONS));
        EventSourceClient first = client().open("uid=ann");
        HttpResponse<String> second = server.request("GET", "/rm/events?uid=bob");
        assertIsProblem(second, 503, "connections");
        assertThat(second.headers().firstValue("Retry-After")).contains("5");
        first.close();
        awaitConnections(0);
        client().open("uid=bob").close();
    }

    @Test
    void onlyPagesOfAllowedOriginsShouldListen() throws IOException {
        restart(new TestServer(TestServer.admitting(10, Set.of("https://app.example")), TestServer.SESSIONS));
        try (EventSourceClient client = client().open("uid=ann", "Origin: https://app.example")) {
            assertThat(client.head())
                    .containsIgnoringCase("\r\nAccess-Control-Allow-Origin: https://app.example\r\n")
                    .containsIgnoringCase("\r\nAccess-Control-Allow-Credentials: true\r\n");
        }
        try (EventSourceClient client = client()) {
            assertThat(client.get("/rm/events?uid=ann", "Origin: https://evil.example")
                            .status())
                    .isEqualTo(403);
        }
        try (EventSourceClient client = client()) {
            client.request(
                    "OPTIONS",
                    "/rm/events",
                    "Origin: https://app.example",
                    "Access-Control-Request-Method: GET",
                    "Access-Control-Request-Headers: authorization,last-event-id");
            assertThat(client.status()).isEqualTo(204);
            assertThat(client.head())
                    .containsIgnoringCase("\r\nAccess-Control-Allow-Methods: GET\r\n")
                    .containsIgnoringCase("Last-Event-ID");
        }
    }

    private static void assertIsProblem(HttpResponse<String> response, int status, String detail) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(Client.json(response.body()).path("detail").asText()).contains(detail);
    }

    // ---- the end

    @Test
    void aClientThatLeavesShouldBeMissedAtOnce() throws IOException {
        EventSourceClient client = client().open("uid=ann");
        assertThat(server.metric("redmessenger_connections")).isEqualTo(1);
        client.close();
        awaitConnections(0);
        server.publish("ann", "p1");
        try (EventSourceClient next = client().open("uid=ann")) {
            JsonNode message = next.message().json();
            assertThat(message.has("redelivered")).isFalse();
            assertThat(message.path("bubble").booleanValue()).isTrue();
        }
    }

    @Test
    void whatAClientSaysBehindItsRequestShouldBeOfNoInterest() throws IOException {
        try (EventSourceClient client = client().open("uid=ann")) {
            client.send("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" + "x".repeat(100_000));
            server.publish("ann", "p1");
            assertThat(payloads(client, 1)).containsExactly("p1");
        }
        awaitConnections(0);
    }

    @Test
    void aStreamThatTheServerEndsShouldSayWhyAndWhenToComeBack() throws IOException {
        try (EventSourceClient client = client().open("uid=ann")) {
            server.publish("ann", "p1");
            server.sessions.drain(Duration.ZERO);
            assertThat(payloads(client, 1)).containsExactly("p1");
            Event error = client.next();
            assertThat(error.type()).isEqualTo("rm_error");
            assertThat(error.json().path("code").textValue()).isEqualTo("going_away");
            assertThat(error.json().path("retryable").booleanValue()).isTrue();
            assertThat(Integer.parseInt(error.retry())).isBetween(1_000, 5_000);
            assertThat(client.rest()).isEmpty();
            assertThat(client.isClosedByServer()).isTrue();
            awaitConnections(0);
        }
    }

    @Test
    void theOldestConnectionShouldGiveWayAndNotHurryBack() throws IOException {
        try (EventSourceClient first = client().open("uid=ann");
                EventSourceClient second = client().open("uid=ann");
                EventSourceClient third = client().open("uid=ann")) {
            Event error = first.next();
            assertThat(error.type()).isEqualTo("rm_error");
            assertThat(error.json().path("code").textValue()).isEqualTo("replaced");
            assertThat(error.json().path("retryable").booleanValue()).isFalse();
            assertThat(Integer.parseInt(error.retry())).isGreaterThanOrEqualTo(60_000);
            assertThat(first.rest()).isEmpty();
            server.publish("ann", "p1");
            assertThat(payloads(second, 1)).containsExactly("p1");
            assertThat(payloads(third, 1)).containsExactly("p1");
        }
    }

    // ---- time, and slow ones

    @Test
    void aQuietStreamShouldHaveAHeartbeat() throws IOException {
        restart(new TestServer(TestServer.times(LONG, Duration.ofMillis(100), LONG), TestServer.SESSIONS));
        try (EventSourceClient client = client().open("uid=ann")) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.next().type()).isEqualTo(":");
            }
            server.publish("ann", "p1");
            assertThat(payloads(client, 1)).containsExactly("p1");
            assertThat(client.next().type()).isEqualTo(":");
        }
    }

    @Test
    void aSlowReaderShouldFillItsWindowAndGetEverythingInTheEnd() throws IOException {
        restart(new TestServer(TestServer.SETTINGS, ROOMY));
        int count = 20_000;
        String padding = "x".repeat(1_000);
        try (EventSourceClient slow = new EventSourceClient(server.port, 4_096).open("uid=ann");
                EventSourceClient quick = client().open("uid=bob")) {
            for (int i = 0; i < count; i++) {
                server.publish("ann", i + padding);
            }
            double offered = server.metric("redmessenger_offered_total");
            assertThat(offered).as("the rest waits in the inbox").isLessThan(count * 0.75);
            server.publish("bob", "p");
            assertThat(payloads(quick, 1)).containsExactly("p");
            for (int i = 0; i < count; i++) {
                assertThat(slow.message().json().path("payload").textValue()).isEqualTo(i + padding);
            }
        }
    }

    @Test
    void aPeerThatTakesNothingShouldBeLetGo() throws IOException {
        restart(new TestServer(TestServer.times(LONG, Duration.ofMillis(200), Duration.ofMillis(300)), ROOMY));
        String padding = "x".repeat(1_000);
        try (EventSourceClient stuck = new EventSourceClient(server.port, 4_096).open("uid=ann");
                EventSourceClient idle = client().open("uid=bob")) {
            for (int i = 0; i < 12_000; i++) {
                server.publish("ann", i + padding);
            }
            awaitConnections(1);
            assertThat(server.metric("redmessenger_ping_timeout_total")).isEqualTo(1);
            assertThat(server.waiting("ann")).hasSize(1_024);
            server.publish("bob", "p");
            assertThat(payloads(idle, 1)).containsExactly("p");
            assertThat(stuck.message().json().path("payload").textValue()).startsWith("0x");
        }
    }
}

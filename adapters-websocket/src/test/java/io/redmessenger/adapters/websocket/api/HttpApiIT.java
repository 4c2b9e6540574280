package io.redmessenger.adapters.websocket.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.EventSourceClient;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpApiIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String ANN = "/api/v1/users/ann/messages";
    private static final String CATS = "/api/v1/channels/cats";

    private final TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> post(String path, String contentType, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port + path))
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return Await.value(HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    private JsonNode accepted(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        return Client.json(response.body());
    }

    private static void assertIsProblem(HttpResponse<String> response, int status, String detail) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = Client.json(response.body());
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("detail").asText()).contains(detail);
    }

    // ---- messages

    @Test
    void aMessageToNobodyThereShouldWait() {
        JsonNode answer = accepted(post(ANN, "text/plain", "100% 😀"));
        assertThat(answer.path("id").textValue()).hasSize(22);
        assertThat(answer.path("delivered_to").asInt(-1)).isZero();
        assertThat(answer.path("queued").isBoolean()).isTrue();
        assertThat(answer.path("queued").booleanValue()).isTrue();
        assertThat(answer.size()).isEqualTo(3);
        assertThat(server.waiting("ann")).containsExactly("100% 😀");
    }

    @Test
    void aMessageToWhoIsThereShouldArriveWithTheIdOfTheAnswer() {
        Client ann = server.connect().send("ann");
        server.awaitIdentified(1);
        JsonNode answer = accepted(post(ANN, "application/json; charset=utf-8", "{\"payload\":\"a\\nb\"}"));
        assertThat(answer.path("delivered_to").asInt()).isEqualTo(1);
        assertThat(answer.path("queued").booleanValue()).isFalse();
        JsonNode message = ann.await(1).get(0);
        assertThat(message.path("payload").textValue()).isEqualTo("a\nb");
        assertThat(message.path("source").textValue()).isEqualTo("rm.users.ann");
        assertThat(message.path("id")).isEqualTo(answer.path("id"));
        assertThat(server.metric("redmessenger_publication_accepted_total")).isEqualTo(1);
    }

    @Test
    void aMessageToAChannelShouldReachItsMembers() {
        for (String member : new String[] {"ann", "bob", "cleo"}) {
            Await.value(server.groups.add(new GroupId("cats"), new UserId(member)));
        }
        Client ann = server.connect().send("ann");
        server.awaitIdentified(1);
        JsonNode answer = accepted(post(CATS + "/messages", "text/plain", "Meow"));
        assertThat(answer.path("recipients").asInt()).isEqualTo(3);
        assertThat(answer.path("delivered_to").asInt()).isEqualTo(1);
        assertThat(answer.has("rejected")).isFalse();
        assertThat(ann.await(1).get(0).path("source").textValue()).isEqualTo("rm.channels.cats");
        assertThat(server.waiting("bob")).containsExactly("Meow");
        assertThat(accepted(post("/api/v1/channels/none/messages", "text/plain", "x"))
                        .path("recipients")
                        .asInt(-1))
                .isZero();
    }

    @Test
    void anEmptyPayloadShouldBeAPayload() {
        accepted(post(ANN, "text/plain", ""));
        accepted(post(ANN, "application/json", "{\"payload\":\"\",\"ttl\":60000}"));
        assertThat(server.waiting("ann")).containsExactly("", "");
    }

    @Test
    void anInboxShouldBeShownByPages() {
        for (int i = 1; i <= 5; i++) {
            server.publish("ann", "p" + i); // it holds three
        }
        HttpResponse<String> response = server.request("GET", ANN + "?count=2");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
        JsonNode inbox = Client.json(response.body());
        assertThat(inbox.path("pending").asInt()).isEqualTo(3);
        assertThat(inbox.path("messages")).hasSize(2);
        JsonNode first = inbox.path("messages").get(0);
        assertThat(first.path("id").textValue()).isEqualTo("m3");
        assertThat(first.path("payload").textValue()).isEqualTo("p3");
        assertThat(first.path("source").textValue()).isEqualTo("rm.users.ann");
        assertThat(first.path("timestamp").isIntegralNumber()).isTrue();
        assertThat(first.size()).isEqualTo(4);
        assertThat(Client.json(server.request("GET", ANN).body()).path("messages"))
                .hasSize(3);
        assertThat(Client.json(
                        server.request("GET", "/api/v1/users/nobody/messages").body()))
                .isEqualTo(Client.json("{\"pending\":0,\"messages\":[]}"));
    }

    // ---- subscribers

    @Test
    void subscribersShouldComeAndGo() {
        String ann = CATS + "/subscribers/ann";
        assertThat(server.request("PUT", ann).statusCode()).isEqualTo(201);
        assertThat(server.request("PUT", ann).statusCode()).isEqualTo(204);
        assertThat(server.request("PUT", CATS + "/subscribers/a%2Bb%40c").statusCode())
                .isEqualTo(201);
        assertThat(server.request("GET", CATS + "/subscribers").body())
                .isEqualTo("{\"subscribers\":[\"a+b@c\",\"ann\"],\"more\":false}");
        assertThat(server.request("DELETE", ann).statusCode()).isEqualTo(204);
        assertThat(server.request("DELETE", ann).statusCode()).isEqualTo(204);
        assertThat(server.request("GET", CATS + "/subscribers").body())
                .isEqualTo("{\"subscribers\":[\"a+b@c\"],\"more\":false}");
    }

    @Test
    void manySubscribersShouldBeCutShort() {
        IntStream.range(0, 1_500).forEach(i -> server.groups.addDirectly(new GroupId("cats"), "u" + i));
        JsonNode few = Client.json(
                server.request("GET", CATS + "/subscribers?count=1000").body());
        assertThat(few.path("subscribers")).hasSize(1_000);
        assertThat(few.path("more").booleanValue()).isTrue();
    }

    // ---- what is refused

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1",
                "/api/v1/",
                "/api/v1/users",
                "/api/v1/users/ann",
                "/api/v1/users/ann/messages/",
                "/api/v1/users/ann/messages/1",
                "/api/v1/users/ann/keys",
                "/api/v1/groups/cats/messages",
                "/api/v1/channels/cats",
                "/api/v1x/users/ann/messages",
                "/api/v2/users/ann/messages"
            })
    void anUnknownPathShouldBeAProblem(String path) {
        assertIsProblem(server.request("GET", path), 404, "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DELETE | /api/v1/users/ann/messages | GET, POST",
                "PUT | /api/v1/users/ann/messages | GET, POST",
                "OPTIONS | /api/v1/users/ann/messages | GET, POST",
                "GET | /api/v1/channels/cats/messages | POST",
                "POST | /api/v1/channels/cats/subscribers | GET",
                "GET | /api/v1/channels/cats/subscribers/ann | DELETE, PUT"
            })
    void anotherMethodShouldBeRefusedWithTheRightOnes(String method, String path, String allowed) {
        HttpResponse<String> response = server.request(method, path);
        assertIsProblem(response, 405, allowed);
        assertThat(response.headers().firstValue("Allow")).contains(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/users/a%3Ab/messages",
                "/api/v1/users/a%2Fb/messages",
                "/api/v1/users/a%252Bb/messages",
                "/api/v1/users/%C3%A9/messages",
                "/api/v1/users/%00/messages",
                "/api/v1/users/%0d%0ax/messages",
                "/api/v1/users//messages",
                "/api/v1/channels/*/subscribers",
                "/api/v1/channels/a%20b/subscribers",
                "/api/v1/users/ann/messages?count=0",
                "/api/v1/users/ann/messages?count=101",
                "/api/v1/users/ann/messages?count=-1",
                "/api/v1/users/ann/messages?count=",
                "/api/v1/users/ann/messages?count=1&count=2",
                "/api/v1/channels/cats/subscribers?count=99999999999"
            })
    void aBadNameOrNumberShouldBeAProblem(String path) {
        assertIsProblem(server.request("GET", path), 400, " must be ");
    }

    @Test
    void aBodyOfAnotherFormShouldBeRefused() {
        assertIsProblem(post(ANN, "application/x-www-form-urlencoded", "payload=x"), 415, "text/plain");
        assertIsProblem(post(ANN, "application/json", "payload"), 400, "JSON");
        assertIsProblem(post(ANN, "text/plain", "x", "Idempotency-Key", "k"), 400, "Idempotency-Key");
        assertThat(server.waiting("ann")).isEmpty();
        assertThat(server.metric("redmessenger_publication_accepted_total")).isZero();
    }

    @Test
    void aPayloadShouldHaveItsLimitInEitherForm() {
        String most = "\"".repeat(1_024); // as the test's server has it
        accepted(post(ANN, "text/plain", most));
        accepted(post(ANN, "application/json", "{\"payload\":\"" + "\\u0022".repeat(1_024) + "\"}"));
        assertThat(server.waiting("ann")).containsExactly(most, most);
        assertIsProblem(post(ANN, "text/plain", most + "x"), 413, "1024");
        assertIsProblem(post(ANN, "application/json", "{\"payload\":\"" + "x".repeat(1_025) + "\"}"), 413, "1024");
        assertIsProblem(post(ANN, "application/json", "{\"payload\":\"x\"" + " ".repeat(900_000) + "}"), 413, "1024");
        assertThat(server.waiting("ann")).hasSize(2);
    }

    @Test
    void aBodyOfUnknownLengthShouldBeRefused() throws IOException {
        try (EventSourceClient client = new EventSourceClient(server.port)) {
            client.send("POST " + ANN + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n")
                    .readHead();
            assertThat(client.status()).isEqualTo(411);
        }
        for (String length : new String[] {"1025", "2000000000", "9000000000000"}) {
            try (EventSourceClient client = new EventSourceClient(server.port)) {
                client.send("POST " + ANN + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                                + "Content-Length: " + length + "\r\n\r\n")
                        .readHead();
                assertThat(client.status()).isEqualTo(413);
            }
        }
        assertThat(server.waiting("ann")).isEmpty();
    }

    @Test
    void aCallerThatGoesInTheMiddleShouldPublishNothing() throws IOException {
        try (EventSourceClient client = new EventSourceClient(server.port)) {
            client.send("POST " + ANN + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 10\r\n\r\nHello");
        }
        accepted(post("/api/v1/users/bob/messages", "text/plain", "x"));
        assertThat(server.waiting("ann")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aFailureOfTheStoreShouldBeToldWithItsKind(ErrorCode code) {
        server.groups.calls().failWith(code);
        int status = switch (code) {
            case STORE_UNAVAILABLE, STORE_REFUSED -> 503;
            case OVERLOADED -> 429;
            case WRONG_KIND -> 409;
            case STORE_FORBIDDEN, LEASE_OVER, INTERNAL -> 500;
        };
        for (HttpResponse<String> response : List.of(
                post(CATS + "/messages", "text/plain", "x"),
                server.request("GET", CATS + "/subscribers"),
                server.request("PUT", CATS + "/subscribers/ann"),
                server.request("DELETE", CATS + "/subscribers/ann"))) {
            assertIsProblem(response, status, "");
            assertThat(response.headers().firstValue("Retry-After").isPresent()).isEqualTo(code.retryable());
        }
    }

    // ---- who may

    private EventSourceClient call(String... headers) throws IOException {
        EventSourceClient client = new EventSourceClient(server.port);
        StringBuilder request = new StringBuilder(
                "POST " + ANN + " HTTP/1.1\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return client.send(request.append("\r\nx").toString()).readHead();
    }

    @Test
    void onlyProgramsAndPagesOfThisMachineShouldBeAnswered() throws IOException {
        String origin = "http://localhost:" + server.port;
        String host = "Host: localhost:" + server.port;
        try (EventSourceClient program = call(host);
                EventSourceClient page = call(host, "Origin: " + origin)) {
            assertThat(program.status()).isEqualTo(202);
            assertThat(page.status()).isEqualTo(202);
        }
        for (String[] refused : new String[][] {
            {"Host: rebound.example:" + server.port},
            {host, "Origin: https://evil.example"},
            {host, "Origin: null"},
            {host, "X-Forwarded-For: 10.0.0.1"}
        }) {
            try (EventSourceClient client = call(refused)) {
                assertThat(client.status()).as(refused[refused.length - 1]).isEqualTo(403);
                assertThat(client.head()).containsIgnoringCase("application/problem+json");
            }
        }
        assertThat(server.waiting("ann")).hasSize(2);
    }
}

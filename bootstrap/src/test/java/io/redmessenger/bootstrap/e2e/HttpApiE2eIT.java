package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.application.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page for newcomers does, on the real server. */
class HttpApiE2eIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static ServerProcess server;
    private static Backend backend;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir);
        backend = new Backend(server);
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    private static HttpResponse<String> call(String method, String path, BodyPublisher body) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/api/v1/" + path))
                .header("Content-Type", "text/plain; charset=utf-8")
                .header("Origin", "http://127.0.0.1:" + server.port())
                .method(method, body)
                .build();
        return Await.value(HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }

    private static HttpResponse<String> call(String method, String path) {
        return call(method, path, BodyPublishers.noBody());
    }

    private static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new AssertionError(response.body(), e);
        }
    }

    private static JsonNode publish(String to, String payload) {
        HttpResponse<String> response = call("POST", to + "/messages", BodyPublishers.ofString(payload));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return json(response);
    }

    @Test
    void aMessageShouldWaitAndBeSeenInTheInboxAndComeWithItsId() {
        String id = publish("users/ann", "Hello, 😀").path("id").textValue();
        JsonNode inbox = json(call("GET", "users/ann/messages"));
        assertThat(inbox.path("pending").asInt()).isEqualTo(1);
        assertThat(inbox.path("messages").get(0).path("payload").textValue()).isEqualTo("Hello, 😀");
        try (Client ann = Client.connect(server, "ann")) {
            JsonNode message = ann.await(1).get(0);
            assertThat(message.path("id").textValue()).isEqualTo(id);
            assertThat(message.path("source").textValue()).isEqualTo("rm.users.ann");
            Await.until("acknowledged", () -> backend.waiting("ann") == 0);
            JsonNode live = publish("users/ann", "again");
            assertThat(live.path("delivered_to").asInt()).isEqualTo(1);
            assertThat(live.path("queued").booleanValue()).isFalse();
            assertThat(ann.await(2).get(1).path("payload").textValue()).isEqualTo("again");
        }
    }

    @Test
    void aChannelShouldReachWhoSubscribes() {
        assertThat(call("PUT", "channels/cats/subscribers/bob").statusCode()).isEqualTo(201);
        assertThat(call("PUT", "channels/cats/subscribers/cleo").statusCode()).isEqualTo(201);
        assertThat(backend.redis().smembers("rm:channels:cats:subscribers")).containsExactlyInAnyOrder("bob", "cleo");
        assertThat(json(call("GET", "channels/cats/subscribers")).path("subscribers"))
                .hasSize(2);
        assertThat(publish("channels/cats", "Meow").path("recipients").asInt()).isEqualTo(2);
        assertThat(backend.waiting("bob")).isEqualTo(1);
        assertThat(call("DELETE", "channels/cats/subscribers/cleo").statusCode())
                .isEqualTo(204);
        assertThat(publish("channels/cats", "Purr").path("recipients").asInt()).isEqualTo(1);
        try (Client bob = Client.connect(server, "bob")) {
            bob.await(2);
            assertThat(bob.payloads()).containsExactly("Meow", "Purr");
        }
    }

    @Test
    void whatIsUnderAnotherNameShouldBeLeftAlone() {
        backend.redis().set("rm:users:dora:messages", "mine");
        HttpResponse<String> response = call("POST", "users/dora/messages", BodyPublishers.ofString("x"));
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(call("GET", "users/dora/messages").statusCode()).isEqualTo(409);
        assertThat(backend.redis().get("rm:users:dora:messages")).isEqualTo("mine");
    }

    @Test
    void aRedisThatIsGoneShouldBeToldAndComeBack(@TempDir Path dataDir) {
        try (ServerProcess other = ServerProcess.start(dataDir)) {
            ServerProcess.signal(other.redis(), "STOP");
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + other.port() + "/api/v1/users/eve/messages"))
                    .header("Content-Type", "text/plain")
                    .POST(BodyPublishers.ofString("x"))
                    .build();
            HttpResponse<String> response = Await.value(HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            assertThat(json(response).path("detail").asText()).contains("Redis");
            ServerProcess.signal(other.redis(), "CONT");
            Await.until(
                    "it works again",
                    () -> Await.value(HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                                    .statusCode()
                            == 202);
        }
    }
}

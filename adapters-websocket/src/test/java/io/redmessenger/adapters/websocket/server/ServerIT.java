package io.redmessenger.adapters.websocket.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.RawClient;
import io.redmessenger.adapters.websocket.ServerSettings;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerIT {

    private TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(int maxConnections, Set<String> origins) {
        server.close();
        server = new TestServer(TestServer.admitting(maxConnections, origins), TestServer.SESSIONS);
    }

    private String handshake(String... headers) throws IOException {
        try (RawClient client = server.raw()) {
            return client.handshake(headers).lines().findFirst().orElseThrow();
        }
    }

    private String handshakeFrom(String origin) throws IOException {
        return handshake("Origin: " + origin);
    }

    private static void assertIsProblem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = Client.json(response.body());
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("title").asText()).isNotEmpty();
        assertThat(problem.path("detail").asText()).isNotEmpty();
    }

    @Test
    void aPlainGetShouldSayWhatIsHere() {
        HttpResponse<String> response = server.request("GET", "/rm");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.body()).isEqualTo("RedMessenger is running; connect here with a WebSocket.\n");
        assertThat(server.request("HEAD", "/rm").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void anotherMethodShouldBeRefusedWithTheRightOnes(String method) {
        HttpResponse<String> response = server.request(method, "/rm");
        assertIsProblem(response, 405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/rm/x",
                "/rmx",
                "/RM",
                "/favicon.ico",
                "/index.html",
                "/page",
                "/metrics/x",
                "/health",
                "/health/live/x"
            })
    void anUnknownPathShouldBeAProblem(String path) {
        assertIsProblem(server.request("GET", path), 404);
    }

    @Test
    void oneConnectionTooManyShouldGet503UntilThereIsRoom() throws Exception {
        restart(1, Set.of());
        Client first = server.connect().send("ann");
        server.awaitIdentified(1);
        try (RawClient second = server.raw()) {
            String head = second.handshake("Connection: close");
            assertThat(head).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: 5");
            assertThat(head).containsIgnoringCase("content-type: application/problem+json");
        }
        assertThat(server.request("GET", "/health/live").statusCode())
                .as("requests are no connections")
                .isEqualTo(200);
        server.publish("ann", "p1");
        assertThat(first.await(1)).hasSize(1);
        first.leave();
        Await.until("there is room again", () -> server.metric("redmessenger_connections") == 0);
        assertThat(handshake()).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void noOriginShouldPass() throws IOException {
        assertThat(handshake()).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void theOwnOriginAloneShouldPassByDefault() throws IOException {
        assertThat(handshakeFrom("http://127.0.0.1:" + server.port)).startsWith("HTTP/1.1 101 ");
        for (String foreign : new String[] {
            "http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:" + server.port + ".evil.example", ""
        }) {
            assertThat(handshakeFrom(foreign)).as(foreign).startsWith("HTTP/1.1 403 ");
        }
        Client bystander = server.connect().send("ann");
        server.awaitIdentified(1);
        server.publish("ann", "p1");
        assertThat(bystander.await(1)).hasSize(1);
    }

    @Test
    void listedOriginsAloneShouldPass() throws Exception {
        restart(100, Set.of("https://app.example"));
        assertThat(handshakeFrom("https://app.example")).startsWith("HTTP/1.1 101 ");
        assertThat(handshakeFrom("https://app.example.evil.example")).startsWith("HTTP/1.1 403 ");
        assertThat(handshakeFrom("http://app.example")).startsWith("HTTP/1.1 403 ");
        assertThat(handshakeFrom("http://127.0.0.1:" + server.port))
                .as("not listed")
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    void aStarShouldLetEveryOriginPass() throws Exception {
        restart(100, Set.of("*"));
        assertThat(handshakeFrom("https://anything.example")).startsWith("HTTP/1.1 101 ");
        assertThat(handshakeFrom("null")).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void aPortInUseShouldBeRefusedWithAReason() {
        ServerSettings taken = new ServerSettings(
                "127.0.0.1",
                server.port,
                "/rm",
                1,
                1_024,
                TestServer.SETTINGS.identifyTimeout(),
                TestServer.SETTINGS.pingInterval(),
                TestServer.SETTINGS.pingTimeout(),
                Set.of());
        assertThatIllegalStateException()
                .isThrownBy(() -> new TestServer(taken, TestServer.SESSIONS).close())
                .withMessageContaining("in use");
    }
}

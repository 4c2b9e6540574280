package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.application.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A client of Engine.IO that polls, request by request. */
final class EngineClient {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final int port;
    private final int revision;
    private String sid = "";

    EngineClient(int port, int revision) {
        this.port = port;
        this.revision = revision;
    }

    /** The path of its requests; with the session's id once it has one. */
    String path(String transport) {
        return "/socket.io/?EIO=" + revision + "&transport=" + transport + (sid.isEmpty() ? "" : "&sid=" + sid);
    }

    String sid() {
        return sid;
    }

    /** Begins a session; returns what the handshake says. */
    JsonNode open() {
        List<String> packets = poll();
        assertThat(packets).hasSize(1);
        assertThat(packets.get(0)).startsWith("0{");
        JsonNode handshake = Client.json(packets.get(0).substring(1));
        sid = handshake.path("sid").textValue();
        return handshake;
    }

    CompletableFuture<HttpResponse<String>> request(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A poll that is on its way. */
    CompletableFuture<HttpResponse<String>> polling() {
        return request("GET", path("polling"), "");
    }

    List<String> packets(CompletableFuture<HttpResponse<String>> poll) {
        HttpResponse<String> response = Await.value(poll);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
        return (revision == 4 ? PayloadFormat.SEPARATED : PayloadFormat.COUNTED).decode(body);
    }

    List<String> poll() {
        return packets(polling());
    }

    /** Polls until so many packets have come. */
    List<String> poll(int count) {
        List<String> packets = new ArrayList<>();
        while (packets.size() < count) {
            packets.addAll(poll());
        }
        return packets;
    }

    HttpResponse<String> post(String body) {
        return Await.value(request("POST", path("polling"), body, "Content-Type", "text/plain;charset=UTF-8"));
    }

    /** Sends packets in one body. */
    EngineClient send(String... packets) {
        HttpResponse<String> response = post(body(packets));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("ok");
        return this;
    }

    String body(String... packets) {
        return revision == 4
                ? String.join("\u001e", packets)
                : List.of(packets).stream()
                        .map(packet -> packet.length() + ":" + packet)
                        .collect(Collectors.joining());
    }

    /** Begins a session, connects to the namespace, and says who it is. */
    EngineClient identify(String identifier) {
        open();
        send("40/rm,", "42/rm,7[\"identifier\",\"" + identifier + "\"]");
        List<String> packets = poll(revision == 4 ? 2 : 3);
        assertThat(packets.get(packets.size() - 1)).startsWith("43/rm,7[{\"ok\":true,");
        return this;
    }

    /** Asserts that the session is over. */
    void assertIsGone() {
        Await.until("the session is gone", () -> {
            HttpResponse<String> response = post(body("6"));
            return response.statusCode() == 400 && response.body().contains("Session ID unknown");
        });
    }
}

package io.redmessenger.bootstrap.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.application.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A WebSocket client that remembers what it gets. It answers pings, as every client does. */
final class Client implements WebSocket.Listener, AutoCloseable {

    /** How the connection was closed. */
    record Closed(int code, String reason) {}

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<JsonNode> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Closed> closed = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();
    private final Duration pause;
    private final WebSocket socket;

    private Client(int port, Duration pause) {
        this.pause = pause;
        this.socket =
                Await.value(HTTP.newWebSocketBuilder().buildAsync(URI.create("ws://127.0.0.1:" + port + "/rm"), this));
    }

    /** Connects without identifying. */
    static Client connect(ServerProcess server) {
        return new Client(server.port(), Duration.ZERO);
    }

    /** Connects and sends its first frame. */
    static Client connect(ServerProcess server, String identifier) {
        return connect(server).send(identifier);
    }

    /** As {@link #connect(ServerProcess, String)}, and lets {@code pause} go by before it looks at the next frame. */
    static Client slow(ServerProcess server, String identifier, Duration pause) {
        return new Client(server.port(), pause).send(identifier);
    }

    static String identify(String user) {
        return "{\"type\":\"identify\",\"uid\":\"" + user + "\"}";
    }

    static String identifyExplicit(String user) {
        return "{\"type\":\"identify\",\"uid\":\"" + user + "\",\"ack\":\"explicit\"}";
    }

    Client send(String text) {
        Await.value(socket.sendText(text, true));
        return this;
    }

    Client sendBinary() {
        Await.value(socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2}), true));
        return this;
    }

    Client acknowledge(JsonNode message) {
        return send("{\"type\":\"ack\",\"id\":\"" + message.path("id").asText() + "\"}");
    }

    /** Everything so far: messages and notices. */
    List<JsonNode> received() {
        return List.copyOf(received);
    }

    /** The messages so far. */
    List<JsonNode> messages() {
        return received.stream().filter(frame -> frame.has("payload")).toList();
    }

    List<String> payloads() {
        return messages().stream()
                .map(frame -> frame.path("payload").textValue())
                .toList();
    }

    /** Waits for that many messages, and returns them. */
    List<JsonNode> await(int count) {
        return await(count, Await.LIMIT);
    }

    List<JsonNode> await(int count, Duration limit) {
        Await.until(
                count + " messages; there are " + messages().size(),
                limit,
                () -> messages().size() >= count);
        return messages();
    }

    /** Waits for a notice of this type. */
    JsonNode notice(String type) {
        Await.until("a notice " + type, () -> find(type) != null);
        JsonNode notice = find(type);
        if (notice == null) {
            throw new AssertionError(type);
        }
        return notice;
    }

    private @Nullable JsonNode find(String type) {
        return received.stream()
                .filter(frame -> frame.path("type").asText().equals(type))
                .findFirst()
                .orElse(null);
    }

    /** Waits for the end of the connection. */
    Closed closed() {
        return Await.value(closed);
    }

    boolean isOpen() {
        return !closed.isDone();
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        webSocket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            try {
                received.add(JSON.readTree(partial.toString()));
            } catch (JsonProcessingException e) {
                throw new AssertionError("no JSON: " + partial, e);
            }
            partial.setLength(0);
        }
        next(webSocket);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
        next(webSocket);
        return null;
    }

    private void next(WebSocket webSocket) {
        if (pause.isZero()) {
            webSocket.request(1);
        } else {
            CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> webSocket.request(1));
        }
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        closed.complete(new Closed(code, reason));
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.complete(new Closed(1006, String.valueOf(error.getMessage())));
    }

    /** Drops the connection without a word. */
    void abort() {
        socket.abort();
    }

    @Override
    public void close() {
        if (isOpen()) {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        }
    }
}

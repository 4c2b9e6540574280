package io.redmessenger.adapters.websocket;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.application.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A WebSocket of the JDK's client, and all that it received. */
public final class Client {

    /** How it ended. */
    public record Close(int code, String reason) {}

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<String> texts = new ArrayList<>();
    private final AtomicInteger pings = new AtomicInteger();
    private final CompletableFuture<Close> closed = new CompletableFuture<>();
    private final WebSocket socket;

    Client(HttpClient http, URI uri) {
        socket = Await.value(http.newWebSocketBuilder().buildAsync(uri, new Listener()));
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                synchronized (texts) {
                    texts.add(text.toString());
                }
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
            pings.incrementAndGet();
            webSocket.request(1);
            return null; // the JDK answers
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            closed.complete(new Close(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            closed.complete(new Close(1006, String.valueOf(error)));
        }
    }

    /** Sends a text. */
    public Client send(String text) {
        Await.value(socket.sendText(text, true));
        return this;
    }

    /** Every text so far. */
    public List<String> texts() {
        synchronized (texts) {
            return List.copyOf(texts);
        }
    }

    /** How many pings have come so far. */
    public int pings() {
        return pings.get();
    }

    /** Waits for so many texts in all, and returns them as JSON. */
    public List<JsonNode> await(int count) {
        Await.until(count + " texts, of which came " + texts(), () -> texts().size() >= count);
        return texts().stream().map(Client::json).toList();
    }

    /** Waits for the end. */
    public Close awaitClose() {
        return Await.value(closed);
    }

    public boolean isClosed() {
        return closed.isDone();
    }

    /** Leaves with a close frame. */
    public void leave() {
        Await.value(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    }

    /** Reads JSON. */
    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}

package io.redmessenger.adapters.websocket.plain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.OneSession;
import io.redmessenger.adapters.websocket.ServerSettings;
import io.redmessenger.adapters.websocket.WebSocketAdapter;
import io.redmessenger.adapters.websocket.api.PrometheusTelemetry;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.ConnectionPortContract;
import io.redmessenger.application.memory.InMemoryCredentialStore;
import io.redmessenger.application.memory.InMemoryGroupMembership;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.application.service.AdministerService;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The plain protocol as a connection, seen by the JDK's WebSocket client. */
class PlainConnectionContractIT implements ConnectionPortContract {

    private final List<String> arrived = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final OneSession session = new OneSession();
    private final WebSocketAdapter adapter = new WebSocketAdapter(
            new ServerSettings(
                    "127.0.0.1",
                    0,
                    "/rm",
                    10,
                    65_536,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(25),
                    Duration.ofSeconds(20),
                    Set.of()),
            session,
            publication -> {
                throw new AssertionError("nothing is published here");
            },
            new AdministerService(
                    new InMemoryStore(Clock.systemUTC()).inboxOf("here"),
                    new InMemoryGroupMembership(),
                    new InMemoryCredentialStore()),
            new MessageIds(1),
            new PrometheusTelemetry(),
            () -> true);
    private @Nullable WebSocket client;

    @BeforeEach
    void connect() {
        URI uri = URI.create("ws://127.0.0.1:" + adapter.start().getPort() + "/rm");
        client = Await.value(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, new WebSocket.Listener() {
            private final StringBuilder partial = new StringBuilder();

            @Override
            public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                partial.append(data);
                if (last) {
                    remember(partial.toString());
                    partial.setLength(0);
                }
                socket.request(1);
                return null;
            }

            @Override
            public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                closed.complete(code);
                return null;
            }

            @Override
            public void onError(WebSocket socket, Throwable error) {
                closed.complete(1006);
            }
        }));
        Await.value(client.sendText("{\"type\":\"identify\",\"uid\":\"ann\"}", true));
        session.connection();
    }

    private void remember(String text) {
        try {
            JsonNode frame = ClientFrame.JSON.readTree(text);
            if (frame.has("payload")) {
                arrived.add(frame.path("payload").textValue());
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        cutOff();
        adapter.drain();
        adapter.stop();
    }

    @Override
    public ConnectionPort connection() {
        return session.connection();
    }

    @Override
    public List<String> arrived() {
        return List.copyOf(arrived);
    }

    @Override
    public boolean isClosedForClient() {
        return closed.isDone();
    }

    @Override
    public void cutOff() {
        if (client != null) {
            client.abort();
        }
    }
}

package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The JDK's own client, which knows nothing of us. */
class JdkClientIT {
    private static final class Received implements WebSocket.Listener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            events.add("closed " + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error " + error);
        }
    }

    private final Received received = new Received();

    private WebSocket connect(WebSocketServer server) throws Exception {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/ws"), received)
                .get(10, TimeUnit.SECONDS);
    }

    @Test
    void clientShouldExchangeMessagesAndCloseFirst() throws Exception {
        Recorder echo = new Recorder.Echo();
        try (WebSocketServer server = WebSocketServer.start(() -> echo)) {
            WebSocket socket = connect(server);
            String large = "κόσμε".repeat(5000);
            socket.sendText("first ", false).get(10, TimeUnit.SECONDS);
            socket.sendText("message", true).get(10, TimeUnit.SECONDS);
            socket.sendText(large, true).get(10, TimeUnit.SECONDS);
            assertThat(received.events.poll(10, TimeUnit.SECONDS)).isEqualTo("first message");
            assertThat(received.events.poll(10, TimeUnit.SECONDS)).isEqualTo(large);

            socket.sendClose(4000, "done").get(10, TimeUnit.SECONDS);

            assertThat(received.events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 4000 ");
            assertThat(echo.next()).isEqualTo("opened");
            assertThat(echo.next()).isEqualTo("closed:4000:done");
        }
    }

    @Test
    void clientShouldAnswerPingsAndTheCloseOfTheServer() throws Exception {
        Recorder recorder = new Recorder();
        try (WebSocketServer server = WebSocketServer.start(() -> recorder)) {
            connect(server);
            recorder.await().send(Frame.text("proved by a pong"));
            recorder.await().ping(-5);
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("pong:-5");
            assertThat(received.events.poll(10, TimeUnit.SECONDS)).isEqualTo("proved by a pong");

            recorder.await().close(1001, "retry-after=3");

            assertThat(received.events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1001 retry-after=3");
            assertThat(recorder.next()).isEqualTo("closed:1001:retry-after=3");
        }
    }
}

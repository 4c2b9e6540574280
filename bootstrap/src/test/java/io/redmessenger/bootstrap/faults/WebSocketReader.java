package io.redmessenger.bootstrap.faults;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A plain WebSocket. Acknowledges by pong alone, or by hand after each message that it has looked at. */
final class WebSocketReader extends Reader {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    private static final long SEND_SECONDS = 3;
    private static final long POLL_MILLIS = 100;

    private final boolean explicit;
    private final long slowness;

    /**
     * @param explicit whether it acknowledges by hand
     * @param slowness milliseconds that it takes for each message
     */
    WebSocketReader(
            String name,
            String user,
            boolean explicit,
            long slowness,
            List<Node> nodes,
            SplittableRandom random,
            Habit habit,
            Recorder recorder) {
        super(name, user, nodes, random, habit, recorder);
        this.explicit = explicit;
        this.slowness = slowness;
    }

    @Override
    String session(int port) throws InterruptedException {
        Connection connection = new Connection();
        WebSocket socket = null;
        try {
            socket = HTTP.newWebSocketBuilder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/rm"), connection)
                    .get(CONNECT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            send(
                    socket,
                    "{\"type\":\"identify\",\"uid\":\"" + user() + "\"" + (explicit ? ",\"ack\":\"explicit\"}" : "}"));
            return read(socket, connection);
        } catch (ExecutionException | TimeoutException e) {
            return String.valueOf(e.getMessage());
        } finally {
            if (socket != null) {
                socket.abort();
            }
        }
    }

    private static void send(WebSocket socket, String text)
            throws InterruptedException, ExecutionException, TimeoutException {
        socket.sendText(text, true).get(SEND_SECONDS, TimeUnit.SECONDS);
    }

    private String read(WebSocket socket, Connection connection)
            throws InterruptedException, ExecutionException, TimeoutException {
        while (true) {
            String id = connection.messages.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            String closed = connection.closed;
            if (id != null && !id.isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(slowness);
                if (explicit && closed == null) {
                    send(socket, "{\"type\":\"ack\",\"id\":\"" + id + "\"}");
                    recordAcknowledged(id);
                }
                if (slowness > 0) {
                    socket.request(1);
                }
            } else if (closed != null) {
                return closed;
            } else if (shouldLeave()) {
                socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(SEND_SECONDS, TimeUnit.SECONDS);
                return "left";
            } else if (isSilent()) {
                return "silent";
            }
        }
    }

    /** What comes is recorded at once, before a pong can follow it. */
    private final class Connection implements WebSocket.Listener {

        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder partial = new StringBuilder();
        private volatile @Nullable String closed;

        @Override
        public void onOpen(WebSocket socket) {
            socket.request(1);
        }

        @Override
        public synchronized @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            partial.append(data);
            boolean message = false;
            if (last) {
                String id = WebSocketReader.this.record(partial.toString());
                message = !id.isEmpty();
                messages.add(id);
            }
            if (last) {
                partial.setLength(0);
            }
            if (!message || slowness == 0) {
                socket.request(1);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
            heard();
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed = code + " " + reason;
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed = "1006 " + error.getMessage();
        }
    }
}

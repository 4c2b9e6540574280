package io.redmessenger.adapters.websocket.frame;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listener that remembers what happened to its connection, and does nothing. */
class Recorder implements WebSocketListener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final CompletableFuture<WebSocketConnection> connection = new CompletableFuture<>();

    @Override
    public void opened(WebSocketConnection opened) {
        record(opened, "opened");
        connection.complete(opened);
    }

    @Override
    public void text(WebSocketConnection on, String message) {
        record(on, "text:" + message);
    }

    @Override
    public void pong(WebSocketConnection on, long token) {
        record(on, "pong:" + token);
    }

    @Override
    public void closed(WebSocketConnection on, int code, String reason) {
        record(on, "closed:" + code + ":" + reason);
    }

    final WebSocketConnection await() throws Exception {
        return connection.get(10, TimeUnit.SECONDS);
    }

    /** The next event, or {@code nothing} if none comes within ten seconds. */
    final String next() throws InterruptedException {
        String event = events.poll(10, TimeUnit.SECONDS);
        return event == null ? "nothing" : event;
    }

    private void record(WebSocketConnection on, String event) {
        events.add(on.isInIoThread() ? event : event + " on the wrong thread");
    }

    /** A listener that sends every message back. */
    static final class Echo extends Recorder {
        @Override
        public void text(WebSocketConnection on, String message) {
            on.send(Frame.text(message));
        }

        @Override
        public void binary(WebSocketConnection on, ByteBuffer message) {
            byte[] bytes = new byte[message.remaining()];
            message.get(bytes);
            on.send(Frame.binary(bytes));
        }
    }
}

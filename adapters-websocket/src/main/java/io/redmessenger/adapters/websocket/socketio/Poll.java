package io.redmessenger.adapters.websocket.socketio;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;

/** A GET request that waits for packets. */
final class Poll {

    private static final Logger log = LoggerFactory.getLogger(Poll.class);

    private final HttpServerExchange exchange;
    private final PayloadFormat format;
    private boolean answered; // on the exchange's I/O thread

    Poll(HttpServerExchange exchange, PayloadFormat format) {
        this.exchange = exchange;
        this.format = format;
    }

    /**
     * Looks out for the client's leaving; only who reads learns of that. What it sends instead, which is its next request,
     * is put back. To be called on the exchange's I/O thread.
     */
    void watch(Runnable onAbort) {
        if (!answered && exchange.getConnection() instanceof HttpServerConnection connection) {
            StreamSourceChannel source = connection.getChannel().getSourceChannel();
            source.getReadSetter().set(readable -> read(connection, readable, onAbort));
            source.resumeReads();
        }
    }

    private static void read(HttpServerConnection connection, StreamSourceChannel source, Runnable onAbort) {
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        boolean kept = false;
        try {
            int read = source.read(pooled.getBuffer());
            if (read > 0) {
                source.suspendReads();
                pooled.getBuffer().flip();
                connection.ungetRequestBytes(pooled);
                kept = true;
            } else if (read < 0) {
                abort(connection, onAbort);
            }
        } catch (IOException e) {
            log.debug("a read failed", e);
            abort(connection, onAbort);
        } finally {
            if (!kept) {
                pooled.close();
            }
        }
    }

    private static void abort(HttpServerConnection connection, Runnable onAbort) {
        IoUtils.safeClose(connection);
        onAbort.run();
    }

    /** Answers it, from any thread. */
    void answer(List<Packet> packets) {
        byte[] body = format.encode(packets);
        try {
            exchange.getIoThread().execute(() -> send(body));
        } catch (RejectedExecutionException e) {
            log.debug("the server has stopped, a poll is not answered");
        }
    }

    private void send(byte[] body) {
        answered = true;
        if (exchange.getConnection() instanceof HttpServerConnection connection) {
            connection.getChannel().getSourceChannel().suspendReads();
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, format.contentType());
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }
}

package io.redmessenger.adapters.websocket.socketio;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;

/** A GET request that waits for packets. */
final class Poll {

    private static final Logger log = LoggerFactory.getLogger(Poll.class);

    private final HttpServerExchange exchange;
    private final PayloadFormat format;
    private final @Nullable String cacheBuster;
    private final boolean persistent;
    private boolean answered; // on the exchange's I/O thread

    /** @param cacheBuster what the client has put into the URL to make it unique; null when nothing */
    Poll(HttpServerExchange exchange, PayloadFormat format, @Nullable String cacheBuster) {
        this.exchange = exchange;
        this.format = format;
        this.cacheBuster = cacheBuster;
        this.persistent = exchange.isPersistent();
    }

    /**
     * Whether this may be the same poll as {@code before}, of which the client has not seen the answer. An HTTP client may by
     * itself repeat a GET whose connection broke (RFC 9110, section 9.2.2). Then the URL is the same, if it tells; if it does
     * not, then the connection of {@code before} was to be kept, and is gone.
     */
    boolean mayRepeat(Poll before) {
        if (cacheBuster != null || before.cacheBuster != null) {
            return Objects.equals(cacheBuster, before.cacheBuster);
        }
        return isAmbiguous(before) && !before.exchange.getConnection().isOpen();
    }

    /** Whether {@link #mayRepeat} should be asked a little later: the end of a connection takes a moment to be noticed. */
    boolean isAmbiguous(Poll before) {
        return cacheBuster == null && before.cacheBuster == null && !isOnConnectionOf(before) && before.persistent;
    }

    private boolean isOnConnectionOf(Poll other) {
        return exchange.getConnection() == other.exchange.getConnection();
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

package io.redmessenger.adapters.websocket.sse;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/**
 * The body of one response, which goes on until one side ends it. Everything here runs on the exchange's I/O thread, and
 * never waits: what the socket does not take stays queued until it is writable again. What is queued is bounded by the one
 * who sends: it is told what the socket has taken.
 */
final class EventStream {

    /** Who sends. */
    interface Sender {

        /** The socket has taken everything through this sequence. */
        void written(long sequence);

        /** The peer has taken nothing for too long; {@link #ended} follows. */
        void stalled();

        /** It is over, whoever ended it. The last call. */
        void ended();
    }

    /** An event on its way; 0 as its sequence says that nobody wants to know when it was taken. */
    private record Waiting(SseEvent event, long sequence) {}

    private static final Logger log = LoggerFactory.getLogger(EventStream.class);
    private static final HttpString X_ACCEL_BUFFERING = new HttpString("X-Accel-Buffering");

    /** How long the last bytes of a stream may take to leave. */
    private static final Duration FINISH_LIMIT = Duration.ofSeconds(5);

    private final HttpServerExchange exchange;
    private final ServerConnection connection;
    private final XnioIoThread thread;
    private final SseSettings settings;
    private final Sender sender;
    private final StreamSinkChannel sink;
    private final Queue<Waiting> queue = new ArrayDeque<>(2);

    /** How much of the queue's first event the socket has taken. */
    private int offset;

    private long takenAt = System.nanoTime();
    private boolean flushDue;
    private boolean finishing;
    private boolean finished;
    private boolean ended;
    private XnioExecutor.@Nullable Key alarm;

    /** Begins the response. */
    EventStream(HttpServerExchange exchange, SseSettings settings, Sender sender) {
        this.exchange = exchange;
        this.connection = exchange.getConnection();
        this.thread = exchange.getIoThread();
        this.settings = settings;
        this.sender = sender;
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        headers.put(Headers.CACHE_CONTROL, "no-cache, no-transform");
        headers.put(X_ACCEL_BUFFERING, "no"); // nginx would hold events back
        exchange.setPersistent(false);
        if (exchange.isHttp11()) {
            headers.put(Headers.TRANSFER_ENCODING, Headers.CHUNKED.toString());
        }
        sink = exchange.getResponseChannel();
        sink.getWriteSetter().set(channel -> flush());
        connection.addCloseListener(closed -> run(this::end));
        watch();
        look();
    }

    private void run(Runnable task) {
        if (thread == Thread.currentThread()) {
            task.run();
        } else {
            thread.execute(task);
        }
    }

    // ---- sending

    /** Sends {@code event} behind everything before, unless it is over. */
    void send(SseEvent event, long sequence) {
        if (finishing || ended) {
            return;
        }
        if (queue.isEmpty()) {
            takenAt = System.nanoTime(); // nothing was asked of the peer so far
        }
        queue.add(new Waiting(event, sequence));
        flushLater();
    }

    /** Sends {@code last}, and ends the response once that is taken. */
    void finish(SseEvent last) {
        send(last, 0);
        finishing = true;
        ring(FINISH_LIMIT);
    }

    /** Behind what else this turn of the thread brings, so that it leaves in as few writes as possible. */
    private void flushLater() {
        if (!flushDue) {
            flushDue = true;
            try {
                thread.execute(() -> {
                    flushDue = false;
                    flush();
                });
            } catch (RejectedExecutionException e) {
                end(); // the server stops
            }
        }
    }

    private void flush() {
        if (ended) {
            return;
        }
        try {
            while (!queue.isEmpty()) {
                if (!write()) {
                    sink.resumeWrites();
                    return;
                }
            }
            if (finishing && !finished) {
                finished = true;
                sink.shutdownWrites();
            }
            if (!sink.flush()) {
                sink.resumeWrites();
            } else if (finished) {
                end();
            } else {
                sink.suspendWrites();
            }
        } catch (IOException | RuntimeException e) {
            log.debug("a write failed", e);
            end();
        }
    }

    /** Writes as much of the queue as a buffer holds, and returns whether the socket has taken all of that. */
    private boolean write() throws IOException {
        try (PooledByteBuffer pooled = connection.getByteBufferPool().allocate()) {
            ByteBuffer buffer = pooled.getBuffer();
            int from = offset;
            for (Waiting next : queue) {
                if (!buffer.hasRemaining()) {
                    break;
                }
                next.event().copyTo(buffer, from);
                from = 0;
            }
            buffer.flip();
            taken(sink.write(buffer));
            return !buffer.hasRemaining();
        }
    }

    private void taken(int bytes) {
        if (bytes <= 0) {
            return;
        }
        takenAt = System.nanoTime();
        int left = offset + bytes;
        long newest = 0;
        Waiting first = queue.peek();
        while (first != null && left >= first.event().length()) {
            left -= first.event().length();
            newest = Math.max(newest, first.sequence());
            queue.remove();
            first = queue.peek();
        }
        offset = left;
        if (newest > 0) {
            sender.written(newest);
        }
    }

    // ---- time

    private void look() {
        if (ended) {
            return;
        }
        Duration quiet = Duration.ofNanos(System.nanoTime() - takenAt);
        Duration interval = settings.pingInterval();
        if (finishing) {
            end();
        } else if (!queue.isEmpty()) {
            Duration left = interval.plus(settings.pingTimeout()).minus(quiet);
            if (left.isNegative() || left.isZero()) {
                sender.stalled();
                end();
            } else {
                ring(left.compareTo(interval) < 0 ? left : interval);
            }
        } else {
            if (quiet.compareTo(interval) >= 0) {
                send(SseEvent.HEARTBEAT, 0);
                quiet = Duration.ZERO;
            }
            ring(interval.minus(quiet));
        }
    }

    private void ring(Duration delay) {
        if (alarm != null) {
            alarm.remove();
        }
        try {
            alarm = thread.executeAfter(this::look, Math.max(1, delay.toMillis()), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            alarm = null; // the server stops, and ends every connection
        }
    }

    // ---- the end

    /**
     * A client has nothing to say once it has asked, but that it leaves; and only who reads learns of that. The connection is
     * not used for another request, so what is read here is missing to nobody.
     */
    private void watch() {
        if (connection instanceof AbstractServerConnection http) {
            StreamSourceChannel source = http.getChannel().getSourceChannel();
            source.getReadSetter().set(this::read);
            source.resumeReads();
        }
    }

    private void read(StreamSourceChannel source) {
        try (PooledByteBuffer pooled = connection.getByteBufferPool().allocate()) {
            if (source.read(pooled.getBuffer()) < 0) {
                end();
            }
        } catch (IOException e) {
            log.debug("a read failed", e);
            end();
        }
    }

    /** Drops the connection, and what is queued. */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        queue.clear();
        if (alarm != null) {
            alarm.remove();
        }
        IoUtils.safeClose(connection);
        sender.ended();
    }

    @Override
    public String toString() {
        return "EventStream[" + exchange.getDestinationAddress() + ", " + queue.size() + " waiting]";
    }
}

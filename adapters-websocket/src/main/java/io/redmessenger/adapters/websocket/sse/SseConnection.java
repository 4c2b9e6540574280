package io.redmessenger.adapters.websocket.sse;

import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.adapters.websocket.server.Identifier;
import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.adapters.websocket.server.SharedEncoding;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.MessageId;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that listens to an event stream. It cannot acknowledge while it listens: what the network took makes room for
 * more, and all of it waits in the inbox until the client says by {@code Last-Event-ID}, when it connects again, what it has.
 *
 * <p>Whether the client is let in is known only when the session answers, so the head of the response waits for that. What
 * the session calls is handed to the exchange's I/O thread, where everything else here runs.
 */
final class SseConnection implements ConnectionPort, EventStream.Sender {

    /** What every connection of this endpoint shares. */
    record Node(Sessions sessions, SseSettings settings, Admission admission, Telemetry telemetry) {}

    private static final Logger log = LoggerFactory.getLogger(SseConnection.class);
    private static final SharedEncoding<SseEvent> EVENTS = new SharedEncoding<>(SseEvent::message);

    /** In milliseconds; with some chance in it, so that many clients do not come back at once. */
    private static final int RETRY = 2_000;

    private static final int RETRY_AFTER_GOING_AWAY = 1_000;
    private static final int RETRY_SPREAD = 1_000;
    private static final int GOING_AWAY_SPREAD = 4_000;

    /** EventSource comes back whatever it was told; where that is of no use, at least not soon. */
    private static final int RETRY_IN_VAIN = 60_000;

    private static final int RETRY_AFTER_SECONDS = 5;

    private final Node node;
    private final HttpServerExchange exchange;
    private final Identifier identifier;
    private final ConnectionId id;

    private Sessions.@Nullable Session session;
    private @Nullable EventStream stream;

    /** The response was given, or has ended. */
    private boolean over;

    /** Has taken a place from the node's admission, and gives it back at its end. */
    SseConnection(Node node, HttpServerExchange exchange, Identifier identifier) {
        this.node = node;
        this.exchange = exchange;
        this.identifier = identifier;
        this.id = node.admission().nextId();
    }

    @Override
    public ConnectionId id() {
        return id;
    }

    // ---- on the I/O thread

    void begin(Optional<MessageId> resumeAfter) {
        session = node.sessions().open(identifier.user(), identifier.credential(), resumeAfter, this);
    }

    private void start(long pending) {
        if (!over && stream == null) {
            stream = new EventStream(exchange, node.settings(), this);
            stream.send(SseEvent.ready(retry(RETRY, RETRY_SPREAD), identifier.user(), pending), 0);
        }
    }

    private void send(SseEvent event, long sequence) {
        if (stream != null) {
            stream.send(event, sequence);
        }
    }

    private void finish(CloseReason reason) {
        if (stream != null) {
            stream.finish(SseEvent.error(retryAfter(reason), reason));
        } else if (!over) {
            refuse(reason);
            ended();
        }
    }

    private static Duration retryAfter(CloseReason reason) {
        if (reason == CloseReason.GOING_AWAY) {
            return retry(RETRY_AFTER_GOING_AWAY, GOING_AWAY_SPREAD);
        }
        return retry(reason.retryable() ? RETRY : RETRY_IN_VAIN, RETRY_SPREAD);
    }

    private static Duration retry(int least, int spread) {
        return Duration.ofMillis(least + ThreadLocalRandom.current().nextInt(spread));
    }

    private void refuse(CloseReason reason) {
        int status = switch (reason) {
            case UNAUTHORIZED -> StatusCodes.UNAUTHORIZED;
            case STORE_UNAVAILABLE, NODE_FULL, GOING_AWAY -> StatusCodes.SERVICE_UNAVAILABLE;
            case REPLACED -> StatusCodes.CONFLICT;
            case DISCONNECTED -> StatusCodes.FORBIDDEN;
            case INBOX_UNREADABLE, INTERNAL -> StatusCodes.INTERNAL_SERVER_ERROR;
        };
        if (status == StatusCodes.UNAUTHORIZED) {
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer realm=\"redmessenger\"");
        } else if (status == StatusCodes.SERVICE_UNAVAILABLE) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        Problem.send(exchange, status, reason.message());
    }

    @Override
    public void written(long sequence) {
        if (session != null) {
            session.written(sequence);
        }
    }

    @Override
    public void stalled() {
        node.telemetry().count(Event.PING_TIMEOUT);
    }

    @Override
    public void ended() {
        if (!over) {
            over = true;
            node.admission().leave();
            if (session != null) {
                session.closed();
            }
        }
    }

    // ---- what the session does; on its lane

    @Override
    public void opened(long pending) {
        post(() -> start(pending));
    }

    @Override
    public void missed(long count) {
        post(() -> send(SseEvent.missed(count), 0));
    }

    @Override
    public void deliver(List<Delivery.Offered> batch, boolean bubble) {
        List<SseEvent> events =
                batch.stream().map(offered -> EVENTS.of(offered, bubble)).toList();
        post(() -> {
            for (int i = 0; i < events.size(); i++) {
                send(events.get(i), batch.get(i).sequence());
            }
        });
    }

    @Override
    public void close(CloseReason reason) {
        post(() -> finish(reason));
    }

    /** In order, and never at once: the session may call while it is being opened. */
    private void post(Runnable task) {
        try {
            exchange.getIoThread().execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException defect) {
                    log.error("an event stream failed, and is closed", defect);
                    if (stream != null) {
                        stream.end();
                    }
                    ended();
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("the server has stopped, nothing is sent any more");
        }
    }
}

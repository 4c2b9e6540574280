package io.redmessenger.adapters.websocket.plain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.adapters.websocket.frame.Frame;
import io.redmessenger.adapters.websocket.frame.Timer;
import io.redmessenger.adapters.websocket.frame.WebSocketConnection;
import io.redmessenger.adapters.websocket.frame.WebSocketListener;
import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.adapters.websocket.server.MessageFrames;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.recipient.UserId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of the plain protocol. Its first frame identifies it; from then on messages flow.
 *
 * <p>Unless the client acknowledges explicitly, a ping follows each batch: a client must answer pings in order (RFC 6455,
 * section 5.5.3), so the pong proves that everything before the ping arrived. At most one ping is on its way, so that under
 * load one answers for many messages. The same pings are the heartbeat.
 *
 * <p>What the listener's side does runs on the connection's I/O thread, what the port's side does on the session's lane; the
 * few fields that both touch are guarded by this.
 */
final class PlainConnection implements WebSocketListener, ConnectionPort {

    /** In bytes; a close frame has room for 123 (RFC 6455, section 5.5). */
    private static final int LONGEST_REASON = 123;

    /** What every connection of this endpoint shares. */
    record Node(
            Sessions sessions,
            PlainSettings settings,
            Admission admission,
            Telemetry telemetry,
            RateLimitedLog warnings) {}

    private final Node node;
    private final ConnectionId id;

    @SuppressWarnings("NullAway.Init") // by opened, which precedes everything
    private WebSocketConnection socket;

    @SuppressWarnings("NullAway.Init")
    private Timer timer;

    private @Nullable UserId user;
    private Sessions.@Nullable Session session;
    private boolean speaksJson;
    private boolean explicit;
    private boolean admitted = true;

    /** The sequence of the newest message that was sent. Guarded by this. */
    private long sent;

    /** Whether a ping is on its way. Guarded by this. */
    private boolean pinging;

    /** What the newest ping carries. Guarded by this. */
    private long pinged;

    /** When the newest ping was sent; once it is answered, when that was. Guarded by this. */
    private long since;

    PlainConnection(Node node) {
        this.node = node;
        this.id = node.admission().nextId();
    }

    @Override
    public ConnectionId id() {
        return id;
    }

    // ---- what the client does; on the I/O thread

    @Override
    public void opened(WebSocketConnection connection) {
        socket = connection;
        if (node.admission().enter()) {
            timer = connection.schedule(node.settings().identifyTimeout(), this::timeIsUp);
        } else {
            admitted = false;
            close(CloseReason.NODE_FULL);
        }
    }

    @Override
    public void text(WebSocketConnection connection, String text) {
        if (!admitted) {
            return;
        }
        ClientFrame frame = ClientFrame.parse(text);
        if (session == null) {
            first(frame, text.startsWith("{"));
        } else if (frame instanceof ClientFrame.Acknowledge acknowledge) {
            session.acknowledge(acknowledge.id());
        } else if (frame instanceof ClientFrame.Bad bad && speaksJson) {
            reject(CloseCode.BAD_REQUEST, "bad_request", bad.problem());
        } else {
            reject(CloseCode.BAD_REQUEST, "bad_request", "already identified; connect anew to be somebody else");
        }
    }

    private void first(ClientFrame frame, boolean json) {
        speaksJson = json;
        if (frame instanceof ClientFrame.Identify identify) {
            explicit = identify.explicit();
            user = identify.identifier().user();
            synchronized (this) {
                since = System.nanoTime();
            }
            timer.restart(node.settings().pingInterval());
            session = node.sessions().open(user, identify.identifier().credential(), this);
        } else if (frame instanceof ClientFrame.IdentifyByToken) {
            reject(CloseCode.UNAUTHORIZED, "unauthorized", "this server knows no tokens; show a key");
        } else if (frame instanceof ClientFrame.Bad bad) {
            reject(CloseCode.BAD_REQUEST, "bad_request", bad.problem());
        } else {
            reject(CloseCode.BAD_REQUEST, "bad_request", "the first frame must identify the client");
        }
    }

    @Override
    public void pong(WebSocketConnection connection, long token) {
        boolean more;
        synchronized (this) {
            if (!pinging || token != pinged) {
                return;
            }
            pinging = false;
            since = System.nanoTime();
            more = !explicit && sent > token;
        }
        if (session != null && !explicit && token > 0) {
            session.acknowledge(token);
        }
        if (more) {
            ping();
        }
    }

    private void ping() {
        long token;
        synchronized (this) {
            if (pinging) {
                return;
            }
            pinging = true;
            since = System.nanoTime();
            pinged = sent;
            token = sent;
        }
        socket.ping(token);
    }

    /** The one timer is not touched while messages flow: when it rings, it looks at what has happened meanwhile. */
    private void timeIsUp() {
        if (session == null) {
            node.telemetry().count(Event.IDENTIFY_TIMEOUT);
            String problem =
                    "no identifier within " + node.settings().identifyTimeout().toMillis() + " ms";
            close(CloseCode.IDENTIFY_TIMEOUT, problem);
            return;
        }
        Duration left;
        boolean waiting;
        synchronized (this) {
            waiting = pinging;
            long heard = waiting && explicit ? Math.max(since, socket.lastReceivedNanos()) : since;
            Duration limit =
                    waiting ? node.settings().pingTimeout() : node.settings().pingInterval();
            left = limit.minusNanos(System.nanoTime() - heard);
        }
        if (left.compareTo(Duration.ZERO) > 0) {
            timer.restart(atMostPingInterval(left));
        } else if (waiting) {
            node.telemetry().count(Event.PING_TIMEOUT);
            socket.abort();
        } else {
            ping();
            timer.restart(atMostPingInterval(node.settings().pingTimeout()));
        }
    }

    /** The pong may come soon, and then the next ping is due after the interval, however long a pong may take. */
    private Duration atMostPingInterval(Duration delay) {
        Duration interval = node.settings().pingInterval();
        return delay.compareTo(interval) < 0 ? delay : interval;
    }

    @Override
    public void binary(WebSocketConnection connection, ByteBuffer message) {
        node.telemetry().count(Event.PROTOCOL_VIOLATION);
        node.warnings().warn("a client broke the protocol and is closed", "code 1003");
        connection.close(1003, "binary frames are not accepted");
    }

    @Override
    public void closed(WebSocketConnection connection, int code, String reason) {
        if (admitted) {
            node.admission().leave();
        }
        if (session != null) {
            session.closed();
        }
    }

    private void reject(CloseCode code, String name, String problem) {
        node.telemetry().count(Event.PROTOCOL_VIOLATION);
        node.warnings().warn("a client broke the protocol and is closed", "code " + code.number);
        sendNotice(
                () -> notice("error").put("code", name).put("message", problem).put("retryable", false));
        close(code, problem);
    }

    private void close(CloseCode code, String reason) {
        String ascii = reason.replaceAll("[^ -~]", "?");
        socket.close(code.number, ascii.substring(0, Math.min(ascii.length(), LONGEST_REASON)));
    }

    private static ObjectNode notice(String type) {
        return ClientFrame.JSON.createObjectNode().put("type", type);
    }

    /** Only who identified with an object is sent anything beside messages. */
    private void sendNotice(Supplier<ObjectNode> notice) {
        if (speaksJson) {
            socket.send(Frame.text(notice.get().toString()));
        }
    }

    // ---- what the session does; on its lane

    @Override
    public void opened(long pending) {
        sendNotice(() -> notice("ready").put("uid", String.valueOf(user)).put("pending", pending));
    }

    @Override
    public void missed(long count) {
        sendNotice(() -> notice("missed").put("count", count));
    }

    @Override
    public void deliver(List<Delivery.Offered> batch, boolean bubble) {
        if (batch.size() == 1) {
            socket.send(MessageFrames.frameOf(batch.get(0), bubble));
        } else {
            socket.send(batch.stream()
                    .map(offered -> MessageFrames.frameOf(offered, bubble))
                    .toList());
        }
        boolean ping;
        synchronized (this) {
            sent = batch.get(batch.size() - 1).sequence();
            ping = !explicit && !pinging;
        }
        if (ping) {
            ping();
        }
    }

    @Override
    public void close(CloseReason reason) {
        sendNotice(() -> notice("error")
                .put("code", reason.code())
                .put("message", reason.message())
                .put("retryable", reason.retryable()));
        close(CloseCode.of(reason), CloseCode.textOf(reason));
    }
}

package io.redmessenger.adapters.websocket.socketio;

import io.redmessenger.adapters.websocket.frame.WebSocketConnection;
import io.redmessenger.adapters.websocket.frame.WebSocketListener;
import io.redmessenger.adapters.websocket.frame.WebSocketSettings;
import io.redmessenger.adapters.websocket.frame.WebSocketUpgrade;
import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.Telemetry;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.XnioIoThread;

/**
 * Engine.IO at its path: the handshake, long-polling, WebSockets.
 *
 * @see <a href="https://socket.io/docs/v4/engine-io-protocol/">The Engine.IO protocol</a>
 */
public final class SocketIoEndpoint implements HttpHandler {

    private static final Logger log = LoggerFactory.getLogger(SocketIoEndpoint.class);
    private static final AttachmentKey<WebSocketListener> LISTENER = AttachmentKey.create(WebSocketListener.class);
    private static final int ID_BYTES = 16;
    private static final int AMBIGUITY_MILLIS = 20;

    /** How clients before 1.4 keep their requests from being cached; they read polled packets in binary only. */
    private static final Pattern OLD_CACHE_BUSTER = Pattern.compile("\\d{13}-\\d{1,9}");

    private final Admission admission;
    private final SocketIoSettings settings;
    private final SocketIoConnection.Node node;
    private final RateLimitedLog warnings = new RateLimitedLog(log, Clock.systemUTC());
    private final WebSocketUpgrade upgrade;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, EngineSession> sessions = new ConcurrentHashMap<>();

    public SocketIoEndpoint(
            Sessions sessions,
            Admission admission,
            Telemetry telemetry,
            SocketIoSettings settings,
            WebSocketSettings webSocket) {
        this.admission = admission;
        this.settings = settings;
        this.node = new SocketIoConnection.Node(
                sessions, telemetry, settings.namespace(), new SocketIoConnection.Encodings(settings.namespace()));
        this.upgrade = new WebSocketUpgrade(webSocket, SocketIoEndpoint::listener);
    }

    private static WebSocketListener listener(HttpServerExchange exchange) {
        WebSocketListener listener = exchange.getAttachment(LISTENER);
        if (listener == null) {
            throw new IllegalStateException("an upgrade without a listener");
        }
        return listener;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String transport = parameter(exchange, "transport");
        Revision revision = Revision.of(parameter(exchange, "EIO")).orElse(null);
        String sid = parameter(exchange, "sid");
        boolean polling = "polling".equals(transport);
        if (!polling && !"websocket".equals(transport)) {
            EngineError.UNKNOWN_TRANSPORT.send(exchange);
        } else if (revision == null) {
            EngineError.UNSUPPORTED_VERSION.send(exchange);
        } else if (parameter(exchange, "j") != null) {
            EngineError.NO_JSONP.send(exchange);
        } else if (polling == WebSocketUpgrade.isUpgradeRequest(exchange)) {
            EngineError.BAD_REQUEST.send(exchange);
        } else if (sid != null) {
            EngineSession session = sessions.get(sid);
            if (session == null) {
                EngineError.UNKNOWN_SID.send(exchange);
            } else if (session.revision() != revision) {
                EngineError.BAD_REQUEST.send(exchange);
            } else {
                resume(exchange, session, polling);
            }
        } else if (!exchange.getRequestMethod().equals(Methods.GET)) {
            EngineError.BAD_HANDSHAKE_METHOD.send(exchange);
        } else {
            begin(exchange, revision, polling);
        }
    }

    private static @Nullable String parameter(HttpServerExchange exchange, String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null ? null : values.getFirst();
    }

    // ---- beginning

    private void begin(HttpServerExchange exchange, Revision revision, boolean polling) {
        XnioIoThread thread = exchange.getIoThread();
        if (!polling && admission.hasRoom()) {
            upgrade(exchange, connection -> {
                if (!admission.enter()) {
                    return null;
                }
                EngineSession session = session(revision, thread);
                session.open(client(session), connection);
                return session;
            });
        } else if (polling && admission.enter()) {
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
                EngineSession session = session(revision, thread);
                session.open(client(session), poll(exchange, revision));
            });
        } else {
            Problem.sendNodeFull(exchange);
        }
    }

    /** Has a place from the node's admission, and gives it back at its end. */
    private EngineSession session(Revision revision, XnioIoThread thread) {
        String sid = newId();
        EngineSession session = new EngineSession(sid, revision, settings, node.telemetry(), thread, () -> {
            sessions.remove(sid);
            admission.leave();
        });
        sessions.put(sid, session);
        return session;
    }

    private SocketIoClient client(EngineSession session) {
        return new SocketIoClient(node, settings, admission, this::newId, warnings, session);
    }

    private String newId() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static PayloadFormat format(HttpServerExchange exchange, Revision revision) {
        if (revision == Revision.V4) {
            return PayloadFormat.SEPARATED;
        }
        String cacheBuster = parameter(exchange, "t");
        boolean old =
                cacheBuster != null && OLD_CACHE_BUSTER.matcher(cacheBuster).matches();
        return old && parameter(exchange, "b64") == null ? PayloadFormat.BINARY : PayloadFormat.COUNTED;
    }

    // ---- going on

    private void resume(HttpServerExchange exchange, EngineSession session, boolean polling) {
        if (!polling) {
            upgrade(exchange, connection -> {
                session.probe(connection);
                return session;
            });
        } else if (exchange.getRequestMethod().equals(Methods.GET)) {
            Poll poll = poll(exchange, session.revision());
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
                if (session.isAmbiguous(poll)) {
                    var unused = exchange.getIoThread()
                            .executeAfter(() -> poll(exchange, session, poll), AMBIGUITY_MILLIS, TimeUnit.MILLISECONDS);
                } else {
                    poll(exchange, session, poll);
                }
            });
        } else if (exchange.getRequestMethod().equals(Methods.POST)) {
            post(exchange, session);
        } else {
            EngineError.BAD_REQUEST.send(exchange);
        }
    }

    private static Poll poll(HttpServerExchange exchange, Revision revision) {
        return new Poll(exchange, format(exchange, revision), parameter(exchange, "t"));
    }

    private static void poll(HttpServerExchange exchange, EngineSession session, Poll poll) {
        if (!session.poll(poll)) {
            EngineError.BAD_REQUEST.send(exchange);
        }
    }

    private void upgrade(HttpServerExchange exchange, Function<WebSocketConnection, @Nullable EngineSession> opening) {
        exchange.putAttachment(LISTENER, new WebSocketTransport(opening));
        upgrade.handleRequest(exchange);
    }

    private void post(HttpServerExchange exchange, EngineSession session) {
        if (!session.beginPost()) {
            EngineError.BAD_REQUEST.send(exchange);
            return;
        }
        exchange.getRequestReceiver()
                .receiveFullBytes(
                        (received, body) -> posted(received, session, body),
                        (failed, failure) -> postFailed(failed, session, failure));
    }

    private static void posted(HttpServerExchange exchange, EngineSession session, byte[] body) {
        try {
            if (session.posted(postFormat(exchange, session.revision()).decode(body))) {
                exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html");
                exchange.getResponseSender().send("ok");
                return;
            }
        } catch (IllegalArgumentException e) {
            session.violated(String.valueOf(e.getMessage()));
        }
        EngineError.BAD_REQUEST.send(exchange);
    }

    private static PayloadFormat postFormat(HttpServerExchange exchange, Revision revision) {
        if (revision == Revision.V4) {
            return PayloadFormat.SEPARATED;
        }
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        return type != null && type.startsWith("application/octet-stream")
                ? PayloadFormat.BINARY
                : PayloadFormat.COUNTED;
    }

    private static void postFailed(HttpServerExchange exchange, EngineSession session, IOException failure) {
        session.postFailed();
        if (failure instanceof RequestTooBigException) {
            Problem.send(exchange, StatusCodes.REQUEST_ENTITY_TOO_LARGE, "a body may not have so many bytes");
        } else {
            EngineError.BAD_REQUEST.send(exchange);
        }
    }
}

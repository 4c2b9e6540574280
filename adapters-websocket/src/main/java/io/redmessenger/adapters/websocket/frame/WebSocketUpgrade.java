package io.redmessenger.adapters.websocket.frame;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * The server's side of the opening handshake (RFC 6455, section 4.2). What is not a proper handshake is refused with a line of
 * text that says what is wrong; a proper one becomes a {@link WebSocketConnection}.
 *
 * <p>No extension is negotiated. A read timeout on Undertow's listener (its option {@code IDLE_TIMEOUT}) would end idle
 * WebSockets too; the server is to be started without one.
 */
public final class WebSocketUpgrade implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketUpgrade.class);
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final WebSocketSettings settings;
    private final Function<HttpServerExchange, WebSocketListener> listeners;

    /**
     * @param listeners makes the listener of a new connection; called on its I/O thread once the handshake response is written.
     *     The exchange is complete by then and is to be read during the call only. If it throws, the connection is dropped
     */
    public WebSocketUpgrade(WebSocketSettings settings, Function<HttpServerExchange, WebSocketListener> listeners) {
        this.settings = settings;
        this.listeners = listeners;
    }

    /** Whether the request means to be a WebSocket handshake, be it a proper one or not; if not, it is up to the caller. */
    public static boolean isUpgradeRequest(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        return hasToken(headers.get(Headers.UPGRADE), "websocket")
                || headers.contains(Headers.SEC_WEB_SOCKET_KEY)
                || headers.contains(Headers.SEC_WEB_SOCKET_VERSION);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        if (!exchange.getRequestMethod().equals(Methods.GET)) {
            exchange.getResponseHeaders().put(Headers.ALLOW, Methods.GET_STRING);
            refuse(exchange, 405, "a WebSocket is opened with GET");
        } else if (!exchange.getProtocol().equals(Protocols.HTTP_1_1)) {
            refuse(exchange, 400, "a WebSocket is opened with HTTP/1.1");
        } else if (count(headers.get(Headers.HOST)) != 1) {
            refuse(exchange, 400, "exactly one Host header is needed");
        } else if (!hasToken(headers.get(Headers.UPGRADE), "websocket")
                || !hasToken(headers.get(Headers.CONNECTION), "upgrade")) {
            exchange.getResponseHeaders().put(Headers.UPGRADE, "websocket").put(Headers.CONNECTION, "Upgrade");
            refuse(
                    exchange,
                    426,
                    "this is a WebSocket endpoint: send the headers \"Upgrade: websocket\" and \"Connection: Upgrade\"");
        } else if (!VERSION.equals(only(headers.get(Headers.SEC_WEB_SOCKET_VERSION)))) {
            exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_VERSION, VERSION);
            refuse(exchange, 426, "Sec-WebSocket-Version must be " + VERSION);
        } else if (!isKey(only(headers.get(Headers.SEC_WEB_SOCKET_KEY)))) {
            refuse(exchange, 400, "Sec-WebSocket-Key must be " + KEY_BYTES + " bytes in base64");
        } else if (headers.contains(Headers.ORIGIN) && !settings.originAllowed().test(exchange)) {
            refuse(exchange, 403, "WebSockets are not allowed from this origin");
        } else {
            upgrade(exchange);
        }
    }

    private void upgrade(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String key = headers.getFirst(Headers.SEC_WEB_SOCKET_KEY).trim();
        exchange.setPersistent(true);
        exchange.upgradeChannel("websocket", this::upgraded);
        exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_ACCEPT, accept(key));
        for (String name : settings.subprotocols()) {
            if (hasToken(headers.get(Headers.SEC_WEB_SOCKET_PROTOCOL), name)) {
                exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_PROTOCOL, name);
                break;
            }
        }
        exchange.endExchange();
    }

    private void upgraded(StreamConnection stream, HttpServerExchange exchange) {
        if (stream.getIoThread() == Thread.currentThread()) {
            open(stream, exchange);
        } else {
            stream.getSourceChannel().suspendReads();
            stream.getIoThread().execute(() -> open(stream, exchange));
        }
    }

    private void open(StreamConnection stream, HttpServerExchange exchange) {
        WebSocketListener listener;
        try {
            listener = listeners.apply(exchange);
        } catch (RuntimeException | Error e) {
            LOG.error("no listener could be made, the new connection is dropped", e);
            IoUtils.safeClose(stream);
            return;
        }
        AbstractServerConnection http = (AbstractServerConnection) exchange.getConnection();
        try (PooledByteBuffer early = http.getExtraBytes()) {
            http.setExtraBytes(null);
            http.clearChannel(); // of the conduit that would have read them
            StreamConnection socket = stream instanceof UpgradableConnection upgradable ? upgradable.release() : stream;
            new WebSocketConnection(socket, IoLoop.current(), listener, settings)
                    .start(early == null ? NOTHING : early.getBuffer());
        }
    }

    private static void refuse(HttpServerExchange exchange, int status, String why) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        exchange.getResponseSender().send(why + "\n", StandardCharsets.UTF_8);
    }

    private static int count(@Nullable HeaderValues values) {
        return values == null ? 0 : values.size();
    }

    private static @Nullable String only(@Nullable HeaderValues values) {
        return values == null || values.size() != 1 ? null : values.getFirst().trim();
    }

    /** Whether one of the comma-separated tokens is {@code token}, in any case. */
    private static boolean hasToken(@Nullable HeaderValues values, String token) {
        if (values == null) {
            return false;
        }
        for (String value : values) {
            for (String candidate : value.split(",", -1)) {
                if (candidate.trim().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isKey(@Nullable String key) {
        if (key == null) {
            return false;
        }
        try {
            return key.length() == 24 && Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static String accept(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}

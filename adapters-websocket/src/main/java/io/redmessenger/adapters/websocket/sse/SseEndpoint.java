package io.redmessenger.adapters.websocket.sse;

import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.adapters.websocket.server.Identifier;
import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.MessageId;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens event streams: {@code GET …?uid=user1}, with the key as a bearer token (RFC 6750) or as {@code token}. What a client
 * accepts is not looked at: whoever comes here wants a stream.
 */
public final class SseEndpoint implements HttpHandler {

    private static final HttpString LAST_EVENT_ID = new HttpString("Last-Event-ID");

    /** For clients that cannot set the header; the name is the one that the usual polyfill uses. */
    private static final String LAST_EVENT_ID_PARAMETER = "lastEventId";

    private static final String BEARER = "bearer ";

    private final SseConnection.Node node;

    public SseEndpoint(Sessions sessions, Admission admission, Telemetry telemetry, SseSettings settings) {
        this.node = new SseConnection.Node(sessions, settings, admission, telemetry);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equals(Methods.GET)) {
            exchange.getResponseHeaders().put(Headers.ALLOW, Methods.GET_STRING);
            Problem.send(exchange, StatusCodes.METHOD_NOT_ALLOWED, "an event stream is opened with GET");
            return;
        }
        Identifier identifier;
        try {
            identifier = identifier(exchange);
        } catch (IllegalArgumentException e) {
            node.telemetry().count(Event.PROTOCOL_VIOLATION);
            Problem.send(exchange, StatusCodes.BAD_REQUEST, String.valueOf(e.getMessage()));
            return;
        }
        if (node.admission().enter()) {
            SseConnection connection = new SseConnection(node, exchange, identifier);
            Optional<MessageId> resumeAfter = resumeAfter(exchange);
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> connection.begin(resumeAfter));
        } else {
            Problem.sendNodeFull(exchange);
        }
    }

    private static Identifier identifier(HttpServerExchange exchange) {
        String uid = parameter(exchange, "uid");
        if (uid == null) {
            throw new IllegalArgumentException("say whose messages these are to be: add ?uid=USER to the path");
        }
        String key = bearer(exchange);
        if (key == null) {
            key = parameter(exchange, "token");
        }
        return Identifier.of(uid, key == null ? "" : key);
    }

    /** Another scheme than Bearer is none of ours: a proxy's, perhaps. */
    private static @Nullable String bearer(HttpServerExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).trim()
                : null;
    }

    private static @Nullable String parameter(HttpServerExchange exchange, String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        if (values != null && values.size() > 1) {
            throw new IllegalArgumentException("give " + name + " once, not " + values.size() + " times");
        }
        return values == null ? null : values.getFirst();
    }

    /** What cannot be an id is ignored like one that is not known: EventSource would give up for good at an error. */
    private static Optional<MessageId> resumeAfter(HttpServerExchange exchange) {
        String id = exchange.getRequestHeaders().getFirst(LAST_EVENT_ID);
        if (id == null) {
            Deque<String> values = exchange.getQueryParameters().get(LAST_EVENT_ID_PARAMETER);
            id = values == null ? "" : values.getLast();
        }
        try {
            return Optional.of(new MessageId(id.trim()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

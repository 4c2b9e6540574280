package io.redmessenger.adapters.websocket.server;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers with a problem document (RFC 9457). */
public final class Problem {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final int RETRY_AFTER_SECONDS = 5;

    private Problem() {}

    /** Ends the exchange of a client that cannot be let in because {@link Admission} has no room. */
    public static void sendNodeFull(HttpServerExchange exchange) {
        exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
        send(
                exchange,
                StatusCodes.SERVICE_UNAVAILABLE,
                "this node has all the connections it may have; try another, or later");
    }

    /**
     * Ends the exchange.
     *
     * @param status the HTTP status
     * @param detail what is wrong with this request, and what to do
     */
    public static void send(HttpServerExchange exchange, int status, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", StatusCodes.getReason(status));
        problem.put("status", status);
        problem.put("detail", detail);
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/problem+json");
        exchange.getResponseSender().send(JSON.valueToTree(problem).toString());
    }
}

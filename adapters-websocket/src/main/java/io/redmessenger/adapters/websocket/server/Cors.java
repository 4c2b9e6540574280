package io.redmessenger.adapters.websocket.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;

/**
 * Lets pages of allowed origins use what is behind it, as the CORS protocol of the Fetch standard says: it echoes the
 * origin and permits credentials, without which old Socket.IO clients do not read an answer, answers preflights on its own,
 * and refuses pages of other origins.
 */
public final class Cors implements HttpHandler {

    private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
    private static final HttpString ALLOW_CREDENTIALS = new HttpString("Access-Control-Allow-Credentials");
    private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
    private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");
    private static final String REQUEST_METHOD = "Access-Control-Request-Method";
    private static final String TEN_MINUTES = "600";

    private final Origins origins;
    private final String methods;
    private final String headers;
    private final HttpHandler next;

    /**
     * @param methods what a page may use, for instance {@code GET, POST}
     * @param headers the request headers that a page may set, for instance {@code Authorization}
     */
    public Cors(Origins origins, String methods, String headers, HttpHandler next) {
        this.origins = origins;
        this.methods = methods;
        this.headers = headers;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
        exchange.getResponseHeaders().add(Headers.VARY, Headers.ORIGIN_STRING);
        if (origin == null) {
            next.handleRequest(exchange);
        } else if (!origins.test(exchange)) {
            Problem.send(
                    exchange,
                    StatusCodes.FORBIDDEN,
                    "pages of this origin may not connect; the server's allowed_origins does not list it");
        } else {
            exchange.getResponseHeaders().put(ALLOW_ORIGIN, origin).put(ALLOW_CREDENTIALS, "true");
            if (exchange.getRequestMethod().equals(Methods.OPTIONS)
                    && exchange.getRequestHeaders().contains(REQUEST_METHOD)) {
                exchange.getResponseHeaders()
                        .put(ALLOW_METHODS, methods)
                        .put(ALLOW_HEADERS, headers)
                        .put(MAX_AGE, TEN_MINUTES);
                exchange.setStatusCode(StatusCodes.NO_CONTENT).endExchange();
            } else {
                next.handleRequest(exchange);
            }
        }
    }
}

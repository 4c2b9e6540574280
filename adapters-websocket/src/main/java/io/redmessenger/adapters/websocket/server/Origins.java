package io.redmessenger.adapters.websocket.server;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which web pages may connect. A browser says in the Origin header (RFC 6454) whose page it is; a request without one does
 * not come from a page, and passes.
 */
public final class Origins implements Predicate<HttpServerExchange> {

    private final Set<String> allowed;

    /** @param allowed origins such as {@code https://example.org}, or {@code *} for all; none means the server's own only */
    public Origins(Set<String> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    @Override
    public boolean test(HttpServerExchange exchange) {
        String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
        return origin == null || allowed.contains("*") || allowed.contains(origin) || isOwn(origin, exchange);
    }

    private boolean isOwn(String origin, HttpServerExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        int scheme = origin.indexOf("://"); // old clients outside browsers send a host alone; no browser does
        String authority = scheme < 0 ? origin : origin.substring(scheme + 3);
        return allowed.isEmpty()
                && host != null
                && authority.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT));
    }
}

package io.redmessenger.adapters.websocket.api;

import io.redmessenger.adapters.websocket.server.Origins;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps what has no token to programs and pages of the same machine. That the peer is local is not enough: a page from
 * anywhere can make a local browser send requests, by its own origin or by a name that it lets point here (DNS rebinding),
 * and a reverse proxy is a local peer for the whole world.
 */
final class LocalOnly {

    private static final Pattern LOOPBACK_HOST = Pattern.compile(
            "(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private static final List<String> SIGNS_OF_A_PROXY =
            List.of("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP");

    private static final Origins OWN_ORIGIN = new Origins(Set.of());

    private LocalOnly() {}

    /** Why the request is refused; empty when it is local. */
    static Optional<String> refusal(HttpServerExchange exchange) {
        InetSocketAddress peer = exchange.getConnection().getPeerAddress(InetSocketAddress.class);
        return refusal(peer.getAddress(), exchange);
    }

    static Optional<String> refusal(InetAddress peer, HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        if (!peer.isLoopbackAddress()) {
            return Optional.of("the HTTP API has no token, so it answers to the machine that it runs on only");
        }
        HeaderValues host = headers.get(Headers.HOST);
        if (host == null
                || host.size() != 1
                || !LOOPBACK_HOST.matcher(host.getFirst()).matches()) {
            return Optional.of(
                    "the HTTP API has no token, so it answers only when it is called localhost, 127.0.0.1 or [::1]");
        }
        if (SIGNS_OF_A_PROXY.stream().anyMatch(headers::contains)) {
            return Optional.of("the HTTP API has no token, so it does not answer through a proxy");
        }
        if (!OWN_ORIGIN.test(exchange)) {
            return Optional.of("the HTTP API has no token, so it answers to pages of its own server only");
        }
        return Optional.empty();
    }
}

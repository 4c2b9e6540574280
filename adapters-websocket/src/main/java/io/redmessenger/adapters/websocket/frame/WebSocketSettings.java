package io.redmessenger.adapters.websocket.frame;

import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * Limits and checks of a {@link WebSocketUpgrade}.
 *
 * @param maxMessageBytes what a client's message, and so each of its frames, may have; 1 to 512 Mi, default 64 Ki
 * @param maxUnsentBytes what may wait for one connection before it is aborted, a safety net for the server's memory; 1 Ki
 *     to 512 Mi, default 16 Mi
 * @param closeTimeout how long a closing handshake may take before the connection is dropped; default 5 s
 * @param originAllowed asked only if the request has an Origin header; default: everybody
 * @param subprotocols the subprotocols to choose from, best first; default none
 */
public record WebSocketSettings(
        int maxMessageBytes,
        int maxUnsentBytes,
        Duration closeTimeout,
        Predicate<HttpServerExchange> originAllowed,
        List<String> subprotocols) {

    private static final int MAX_MESSAGE_BYTES = 512 << 20;
    private static final int MAX_UNSENT_BYTES = 512 << 20;

    /** Checks the ranges. */
    public WebSocketSettings {
        if (maxMessageBytes < 1 || maxMessageBytes > MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    "max message bytes must be 1 to " + MAX_MESSAGE_BYTES + ", got " + maxMessageBytes);
        }
        if (maxUnsentBytes < 1024 || maxUnsentBytes > MAX_UNSENT_BYTES) {
            throw new IllegalArgumentException(
                    "max unsent bytes must be 1024 to " + MAX_UNSENT_BYTES + ", got " + maxUnsentBytes);
        }
        if (closeTimeout.isNegative() || closeTimeout.isZero()) {
            throw new IllegalArgumentException("close timeout must be positive, got " + closeTimeout);
        }
        subprotocols = List.copyOf(subprotocols);
    }

    /** The defaults. */
    public static WebSocketSettings defaults() {
        return new WebSocketSettings(64 << 10, 16 << 20, Duration.ofSeconds(5), exchange -> true, List.of());
    }

    /** These settings with another limit for a client's message. */
    public WebSocketSettings withMaxMessageBytes(int bytes) {
        return new WebSocketSettings(bytes, maxUnsentBytes, closeTimeout, originAllowed, subprotocols);
    }

    /** These settings with another limit for what waits for one connection. */
    public WebSocketSettings withMaxUnsentBytes(int bytes) {
        return new WebSocketSettings(maxMessageBytes, bytes, closeTimeout, originAllowed, subprotocols);
    }

    /** These settings with another limit for the closing handshake. */
    public WebSocketSettings withCloseTimeout(Duration timeout) {
        return new WebSocketSettings(maxMessageBytes, maxUnsentBytes, timeout, originAllowed, subprotocols);
    }

    /** These settings with another check of the origin. */
    public WebSocketSettings withOriginAllowed(Predicate<HttpServerExchange> check) {
        return new WebSocketSettings(maxMessageBytes, maxUnsentBytes, closeTimeout, check, subprotocols);
    }

    /** These settings with other subprotocols. */
    public WebSocketSettings withSubprotocols(List<String> names) {
        return new WebSocketSettings(maxMessageBytes, maxUnsentBytes, closeTimeout, originAllowed, names);
    }
}

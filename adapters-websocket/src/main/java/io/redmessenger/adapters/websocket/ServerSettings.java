package io.redmessenger.adapters.websocket;

import java.time.Duration;
import java.util.Set;

/**
 * How the one HTTP and WebSocket listener behaves.
 *
 * @param host the address to listen on; default 127.0.0.1
 * @param port the port; 0 picks a free one; default 8080
 * @param route the path of the plain WebSocket, with a leading slash; default /rm
 * @param maxConnections the most connections of the node, 1 or more; default 100000
 * @param maxMessageBytes the most bytes in one frame of a client; default 65536
 * @param identifyTimeout how long a client may take to say who it is; default 10 s
 * @param pingInterval how long a connection may be silent before it is asked; default 25 s
 * @param pingTimeout how long the answer may take; default 20 s
 * @param allowedOrigins origins of pages that may connect; {@code *} for all; none means the server's own only
 */
public record ServerSettings(
        String host,
        int port,
        String route,
        int maxConnections,
        int maxMessageBytes,
        Duration identifyTimeout,
        Duration pingInterval,
        Duration pingTimeout,
        Set<String> allowedOrigins) {

    public ServerSettings {
        allowedOrigins = Set.copyOf(allowedOrigins);
    }
}

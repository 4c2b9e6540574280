package io.redmessenger.adapters.websocket.socketio;

import io.redmessenger.adapters.websocket.frame.WebSocketConnection;
import io.redmessenger.adapters.websocket.frame.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A WebSocket that carries a session of Engine.IO from its beginning, or takes one over. */
final class WebSocketTransport implements WebSocketListener {

    private static final int UNACCEPTABLE_DATA = 1003;
    private static final int TRY_AGAIN_LATER = 1013;

    private final Function<WebSocketConnection, @Nullable EngineSession> opening;
    private @Nullable EngineSession session;

    /** @param opening finds the session that it is for, or opens one; null when the node is full */
    WebSocketTransport(Function<WebSocketConnection, @Nullable EngineSession> opening) {
        this.opening = opening;
    }

    @Override
    public void opened(WebSocketConnection connection) {
        session = opening.apply(connection);
        if (session == null) {
            connection.close(TRY_AGAIN_LATER, "this node is full, try again later");
        }
    }

    @Override
    public void text(WebSocketConnection connection, String message) {
        if (session != null) {
            session.received(connection, message);
        }
    }

    @Override
    public void binary(WebSocketConnection connection, ByteBuffer message) {
        connection.close(UNACCEPTABLE_DATA, "binary frames are not accepted");
        if (session != null) {
            session.violated("binary frames are not accepted");
        }
    }

    @Override
    public void pong(WebSocketConnection connection, long token) {
        if (session != null) {
            session.pong(connection, token);
        }
    }

    @Override
    public void closed(WebSocketConnection connection, int code, String reason) {
        if (session != null) {
            session.socketClosed(connection);
        }
    }
}

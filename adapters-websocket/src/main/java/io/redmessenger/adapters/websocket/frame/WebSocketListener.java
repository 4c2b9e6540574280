package io.redmessenger.adapters.websocket.frame;

import java.nio.ByteBuffer;

/**
 * What happens to one connection. Every method is called on the connection's I/O thread, must not block, and may call every
 * method of the connection. An exception ends this connection only, with code 1011.
 *
 * <p>The order is: {@link #opened} once, then any number of messages and pongs, then {@link #closed} once, then nothing.
 */
public interface WebSocketListener {
    /** The handshake is done. What is sent from here on follows the handshake response. */
    void opened(WebSocketConnection connection);

    /** A complete text message, checked to be UTF-8. None is delivered any more once the connection is being closed. */
    void text(WebSocketConnection connection, String message);

    /**
     * A complete binary message; the buffer is read-only and valid during the call only. Refused with 1003 unless overridden.
     */
    default void binary(WebSocketConnection connection, ByteBuffer message) {
        connection.close(CloseCodes.UNACCEPTABLE_DATA, "binary messages are not accepted");
    }

    /**
     * The answer to a {@linkplain WebSocketConnection#ping ping}, or a pong of eight bytes that nobody asked for: whoever
     * draws conclusions must know which tokens are outstanding. Delivered also while the connection is being closed.
     */
    default void pong(WebSocketConnection connection, long token) {}

    /**
     * The connection has ended and takes nothing any more; exactly once, for whatever reason.
     *
     * @param code the code of the first close frame, sent or received; 1005 if it had none; 1006 if the connection ended
     *     without the closing handshake
     * @param reason the reason in that frame, or a few words on why there was none; may be empty
     */
    void closed(WebSocketConnection connection, int code, String reason);
}

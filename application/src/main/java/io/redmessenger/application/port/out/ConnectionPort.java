package io.redmessenger.application.port.out;

import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.delivery.Delivery;
import java.util.List;

/**
 * One live connection, whatever its transport. A transport implements it, passes it to
 * {@link io.redmessenger.application.port.in.Sessions#open}, and reports back through the session that it gets.
 *
 * <p>Calls come one after another, never at once, from threads that must not block: an implementation hands over to its
 * own I/O thread and returns. After {@link #close}, or once the peer is gone, calls are ignored.
 */
public interface ConnectionPort {

    ConnectionId id();

    /**
     * The user is identified and the session begins. Precedes every other call but {@link #close}.
     *
     * @param pending how many messages wait
     */
    void opened(long pending);

    /** {@code count} messages were dropped by the inbox's limit before this connection could have them. */
    void missed(long count);

    /**
     * Send these messages, in this order, behind everything before. The transport then finds proof that they arrived,
     * and acknowledges by their sequence.
     *
     * @param batch 1 or more messages; together with all that is not acknowledged within the bounds of
     *     {@link io.redmessenger.domain.delivery.Window}
     * @param bubble whether this connection is the one of the user's that shows the desktop notification
     */
    void deliver(List<Delivery.Offered> batch, boolean bubble);

    /** Tell the peer why, in the transport's words, and end the connection. */
    void close(CloseReason reason);
}

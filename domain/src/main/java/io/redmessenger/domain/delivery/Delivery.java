package io.redmessenger.domain.delivery;

import io.redmessenger.domain.message.Message;

/**
 * A message on its way to a user. It is queued in the inbox, then offered to a connection, then acknowledged; or it
 * expires before it is offered. (One that the limit pushes out of the inbox is gone, and only counted.)
 */
public sealed interface Delivery {

    /** The number of the message in its inbox: counts up by one with every append. */
    long position();

    Message message();

    /** It waits in the inbox. */
    record Queued(long position, Message message) implements Delivery {

        /**
         * @param sequence counts up by one with every message offered on the same connection
         * @param redelivered whether the user may have seen it before
         * @param now Unix milliseconds
         */
        public Offered offer(long sequence, boolean redelivered, long now) {
            return new Offered(position, message, sequence, redelivered, now);
        }

        public Expired expire() {
            return new Expired(position, message);
        }
    }

    /** It was handed to a connection, and nothing yet proves that it arrived. */
    record Offered(long position, Message message, long sequence, boolean redelivered, long offeredAt)
            implements Delivery {

        public Acknowledged acknowledge() {
            return new Acknowledged(position, message);
        }
    }

    /** It arrived. */
    record Acknowledged(long position, Message message) implements Delivery {}

    /** It waited too long and is not delivered. */
    record Expired(long position, Message message) implements Delivery {}
}

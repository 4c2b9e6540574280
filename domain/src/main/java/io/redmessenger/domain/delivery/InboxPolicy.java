package io.redmessenger.domain.delivery;

import io.redmessenger.domain.message.Message;
import java.time.Duration;

/**
 * What an inbox keeps.
 *
 * @param expiry how long a message may wait, 1 second or more; a message's own ttl can only shorten it
 * @param limit how many messages it holds, 1 or more; past it the oldest is dropped
 */
public record InboxPolicy(Duration expiry, int limit) {

    public InboxPolicy {
        if (expiry.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("expiry must be 1 second or more, got " + expiry);
        }
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be 1 or more, got " + limit);
        }
    }

    /** @param now Unix milliseconds */
    public boolean hasExpired(Message message, long now) {
        return message.ttl() != Message.LIFE_OF_INBOX
                && now - message.timestamp() >= Math.min(message.ttl(), expiry.toMillis());
    }
}

package io.redmessenger.application.port.in;

import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;

/**
 * A message as a publisher hands it over.
 *
 * @param to whom it is for
 * @param message the message, with the address of {@code to} as its source
 * @param again true when an earlier attempt to publish it may have succeeded
 */
public record Publication(Recipient to, Message message, boolean again) {

    /** A new publication, accepted at {@code timestamp} (Unix ms). */
    public static Publication of(Recipient to, MessageId id, long timestamp, Payload payload, long ttl) {
        return new Publication(to, new Message(id, to.address(), timestamp, payload, ttl), false);
    }

    /** The same publication, to be tried once more. */
    public Publication repeated() {
        return new Publication(to, message, true);
    }
}

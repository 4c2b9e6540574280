package io.redmessenger.application.port.in;

import io.redmessenger.application.port.out.Claim;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.util.Optional;

/**
 * A message as a publisher hands it over.
 *
 * @param to whom it is for
 * @param message the message, with the address of {@code to} as its source
 * @param again true when an earlier attempt to publish it may have succeeded
 * @param claim what the publisher does by it, when one node at a time does that
 */
public record Publication(Recipient to, Message message, boolean again, Optional<Claim> claim) {

    /** A new publication, accepted at {@code timestamp} (Unix ms). */
    public static Publication of(Recipient to, MessageId id, long timestamp, Payload payload, long ttl) {
        Message message = new Message(id, to.address(), timestamp, payload, ttl);
        return new Publication(to, message, false, Optional.empty());
    }

    /** The same publication, to be tried once more. */
    public Publication repeated() {
        return new Publication(to, message, true, claim);
    }

    /** The same publication, as work that was claimed. */
    public Publication under(Claim claimed) {
        return new Publication(to, message, again, Optional.of(claimed));
    }
}

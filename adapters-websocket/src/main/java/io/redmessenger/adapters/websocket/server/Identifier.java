package io.redmessenger.adapters.websocket.server;

import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;

/**
 * Who a client says it is, and what it shows to prove that.
 *
 * @param user the user
 * @param credential the key; empty when the client sent none
 */
public record Identifier(UserId user, Optional<Credential> credential) {

    /**
     * Reads {@code uid} or {@code uid:key}, split at the first colon, so that a key may have colons.
     *
     * @throws IllegalArgumentException when the uid is outside its grammar, or the key is too long; the message says so
     */
    public static Identifier parse(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? of(text, "") : of(text.substring(0, colon), text.substring(colon + 1));
    }

    /**
     * Makes an identifier of its parts.
     *
     * @param key the empty text stands for none
     * @throws IllegalArgumentException as {@link #parse}
     */
    public static Identifier of(String uid, String key) {
        return new Identifier(new UserId(uid), key.isEmpty() ? Optional.empty() : Optional.of(new Credential(key)));
    }
}

package io.redmessenger.domain.connection;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A secret that proves who someone is. Its text appears in no log.
 *
 * @param secret the text of the secret, 1 to 4096 characters
 */
public record Credential(String secret) {

    private static final int MAX_LENGTH = 4096;

    public Credential {
        if (secret.isEmpty() || secret.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a key must be 1 to 4096 characters, got " + secret.length());
        }
    }

    /** Compares in a time that does not depend on where the two differ. */
    public boolean matches(Credential other) {
        return MessageDigest.isEqual(
                secret.getBytes(StandardCharsets.UTF_8), other.secret.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "***";
    }
}

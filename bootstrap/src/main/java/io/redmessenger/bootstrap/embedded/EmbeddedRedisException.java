package io.redmessenger.bootstrap.embedded;

/** The embedded Redis cannot be used. The message is for an operator, and says what to do. */
public final class EmbeddedRedisException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EmbeddedRedisException(String message) {
        super(message);
    }

    EmbeddedRedisException(String message, Throwable cause) {
        super(message, cause);
    }
}

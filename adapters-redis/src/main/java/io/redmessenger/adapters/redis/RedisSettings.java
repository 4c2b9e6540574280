package io.redmessenger.adapters.redis;

import java.time.Duration;

/**
 * Which Redis to use, and how.
 *
 * @param uri as in {@code redis://[user:password@]host[:port][/database]}, or {@code rediss://} for TLS
 * @param timeout how long a command may take; default 2 s
 * @param maxPayloadBytes the most bytes of a payload heard by PUBLISH
 */
public record RedisSettings(String uri, Duration timeout, int maxPayloadBytes) {

    /** How long a command may take unless said otherwise. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    /** Never the password. */
    @Override
    public String toString() {
        return "RedisSettings[" + uri.replaceFirst("//[^@/]*@", "//***@") + "]";
    }
}

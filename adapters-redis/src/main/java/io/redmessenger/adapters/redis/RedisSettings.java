package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which Redis to use, and how.
 *
 * @param uri {@code redis://} or {@code rediss://} (TLS, with the certificate verified), with host, and optionally port,
 *     user, password and database
 * @param password takes the place of the one in {@code uri}
 * @param database takes the place of the one in {@code uri}, 0 or more
 * @param commandTimeout how long Redis may take to answer before it counts as unreachable; default 2 s
 * @param maxPayloadBytes the largest payload, in bytes of UTF-8, that a publication may have; default 65,536
 * @param authorities PEM file of the certificates that a server may be signed by; those of the JDK without it
 * @param waitReplicas how many replicas must have confirmed a message before it counts as stored; 0 for none
 */
public record RedisSettings(
        String uri,
        Optional<String> password,
        OptionalInt database,
        Duration commandTimeout,
        int maxPayloadBytes,
        Optional<Path> authorities,
        int waitReplicas) {

    private static final int MOST_REPLICAS = 100;

    /** The default of {@code commandTimeout}. */
    public static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(2);

    /** The default of {@code maxPayloadBytes}. */
    public static final int MAX_PAYLOAD_BYTES = 65_536;

    public RedisSettings {
        if (!uri.startsWith("redis://") && !uri.startsWith("rediss://")) {
            throw new IllegalArgumentException("Redis URI must begin with redis:// or rediss://");
        }
        if (!isUsable(uri)) { // not quoted, for it may hold a password
            throw new IllegalArgumentException("Redis URI must be redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]");
        }
        if (database.isPresent() && database.getAsInt() < 0) {
            throw new IllegalArgumentException("Redis database must be 0 or more, got " + database.getAsInt());
        }
        if (commandTimeout.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("Redis command timeout must be 10 ms or more, got " + commandTimeout);
        }
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("largest payload must be 1 byte or more, got " + maxPayloadBytes);
        }
        if (waitReplicas < 0 || waitReplicas > MOST_REPLICAS) {
            throw new IllegalArgumentException("replicas to wait for must be 0 to 100, got " + waitReplicas);
        }
        if (authorities.isPresent() && !Files.isReadable(authorities.get())) {
            throw new IllegalArgumentException("cannot read the authorities' certificates: " + authorities.get());
        }
    }

    /** The Redis at {@code uri}, whose certificate, if it has one, is signed by an authority that the JDK trusts. */
    public RedisSettings(
            String uri, Optional<String> password, OptionalInt database, Duration commandTimeout, int maxPayloadBytes) {
        this(uri, password, database, commandTimeout, maxPayloadBytes, Optional.empty(), 0);
    }

    private static boolean isUsable(String uri) {
        try {
            return URI.create(uri).getHost() != null && RedisURI.create(uri).getHost() != null;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** The Redis at {@code uri}, and defaults for the rest. */
    public static RedisSettings of(String uri) {
        return new RedisSettings(uri, Optional.empty(), OptionalInt.empty(), COMMAND_TIMEOUT, MAX_PAYLOAD_BYTES);
    }

    /** {@code redis://HOST:PORT}, without secrets, for logs. */
    public String address() {
        RedisURI parsed = RedisURI.create(uri);
        return (parsed.isSsl() ? "rediss://" : "redis://") + parsed.getHost() + ":" + parsed.getPort();
    }

    RedisURI lettuceUri() {
        RedisURI parsed = RedisURI.create(uri);
        parsed.setTimeout(commandTimeout);
        password.ifPresent(secret -> parsed.setCredentialsProvider(
                RedisCredentialsProvider.from(() -> RedisCredentials.just(userOf(uri), secret.toCharArray()))));
        database.ifPresent(parsed::setDatabase);
        return parsed;
    }

    private static @Nullable String userOf(String uri) {
        String userInfo = URI.create(uri).getUserInfo();
        if (userInfo == null || userInfo.indexOf(':') <= 0) {
            return null;
        }
        return userInfo.substring(0, userInfo.indexOf(':'));
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return "RedisSettings[" + address() + ", password=" + (password.isPresent() ? "***" : "as in the URI")
                + ", database=" + (database.isPresent() ? database.getAsInt() : "as in the URI")
                + ", commandTimeout=" + commandTimeout + ", maxPayloadBytes=" + maxPayloadBytes
                + ", authorities=" + authorities.map(Path::toString).orElse("those of the JDK")
                + ", waitReplicas=" + waitReplicas + "]";
    }
}

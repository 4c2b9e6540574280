package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which Redis to use, and how.
 *
 * @param uri {@code redis://} or {@code rediss://} (TLS, with the certificate verified), with host, and optionally port,
 *     user, password and database; with several hosts, separated by commas, when it is a cluster. Or
 *     {@code redis-sentinel://[[USER]:PASSWORD@]HOST[:PORT],.../[DATABASE]#MASTER}, with the hosts of sentinels
 * @param cluster whether it is a Redis Cluster; it has no databases
 * @param password takes the place of the one in {@code uri}
 * @param database takes the place of the one in {@code uri}, 0 or more
 * @param commandTimeout how long Redis may take to answer before it counts as unreachable; default 2 s
 * @param maxPayloadBytes the largest payload, in bytes of UTF-8, that a publication may have; default 65,536
 * @param authorities PEM file of the certificates that a server may be signed by; those of the JDK without it
 * @param waitReplicas how many replicas must have confirmed a message before it counts as stored; 0 for none
 */
public record RedisSettings(
        String uri,
        boolean cluster,
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

    private static final String SENTINEL = "redis-sentinel://";
    private static final int SENTINEL_PORT = 26_379;

    public RedisSettings {
        if (!uri.startsWith("redis://") && !uri.startsWith("rediss://") && !uri.startsWith(SENTINEL)) {
            throw new IllegalArgumentException("Redis URI must begin with redis://, rediss:// or redis-sentinel://");
        }
        if (!isUsable(uri)) { // not quoted, for it may hold a password
            throw new IllegalArgumentException(
                    "Redis URI must be redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], several hosts separated by"
                            + " commas; with Sentinel redis-sentinel://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]#MASTER");
        }
        if (cluster && uri.startsWith(SENTINEL)) {
            throw new IllegalArgumentException("a Redis Cluster has no sentinels");
        }
        if (!cluster && !uri.startsWith(SENTINEL) && hosts(uri).size() > 1) {
            throw new IllegalArgumentException("only a Redis Cluster has several hosts");
        }
        if (database.isPresent() && database.getAsInt() < 0) {
            throw new IllegalArgumentException("Redis database must be 0 or more, got " + database.getAsInt());
        }
        if (cluster && (database.orElse(0) != 0 || node(uri, "host").getDatabase() != 0)) {
            throw new IllegalArgumentException("a Redis Cluster has database 0 only");
        }
        if (cluster && waitReplicas > 0) {
            throw new IllegalArgumentException("replicas of a Redis Cluster cannot be waited for");
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

    /** A Redis that is no cluster, whose certificate, if it has one, is signed by an authority that the JDK trusts. */
    public RedisSettings(
            String uri, Optional<String> password, OptionalInt database, Duration commandTimeout, int maxPayloadBytes) {
        this(uri, false, password, database, commandTimeout, maxPayloadBytes, Optional.empty(), 0);
    }

    private static boolean isUsable(String uri) {
        try {
            String fragment = URI.create(uri).getRawFragment();
            return (fragment != null && !fragment.isEmpty()) == uri.startsWith(SENTINEL)
                    && hosts(uri).stream()
                            .allMatch(host -> URI.create(nodeUri(uri, host)).getHost() != null
                                    && node(uri, host).getHost() != null);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static List<String> hosts(String uri) {
        String authority = authority(uri);
        return Arrays.asList(authority.substring(authority.lastIndexOf('@') + 1).split(",", -1));
    }

    private static String authority(String uri) {
        String authority = URI.create(uri).getRawAuthority();
        if (authority == null) {
            throw new IllegalArgumentException("no host");
        }
        return authority;
    }

    /** One of the nodes, as if it stood alone. */
    private static RedisURI node(String uri, String host) {
        return RedisURI.create(nodeUri(uri, host));
    }

    private static String nodeUri(String uri, String host) {
        URI parsed = URI.create(uri);
        String authority = authority(uri);
        String scheme = "rediss".equals(parsed.getScheme()) ? "rediss://" : "redis://";
        return scheme + authority.substring(0, authority.lastIndexOf('@') + 1) + host + parsed.getRawPath();
    }

    /** The Redis at {@code uri}, and defaults for the rest. */
    public static RedisSettings of(String uri) {
        return new RedisSettings(
                uri,
                false,
                Optional.empty(),
                OptionalInt.empty(),
                COMMAND_TIMEOUT,
                MAX_PAYLOAD_BYTES,
                Optional.empty(),
                0);
    }

    /** The Redis Cluster of which {@code uri} names nodes, and defaults for the rest. */
    public static RedisSettings ofCluster(String uri) {
        return new RedisSettings(
                uri,
                true,
                Optional.empty(),
                OptionalInt.empty(),
                COMMAND_TIMEOUT,
                MAX_PAYLOAD_BYTES,
                Optional.empty(),
                0);
    }

    /** The name that sentinels have for the master; none without sentinels. */
    Optional<String> sentinelMaster() {
        return Optional.ofNullable(URI.create(uri).getFragment());
    }

    /** {@code redis://HOST:PORT} of the first host, without secrets, for logs. */
    public String address() {
        return address(node(uri, hosts(uri).get(0)));
    }

    /** {@code redis://HOST:PORT}, without secrets. */
    static String address(RedisURI at) {
        String host = at.getHost().indexOf(':') >= 0 && !at.getHost().startsWith("[")
                ? "[" + at.getHost() + "]"
                : at.getHost();
        return (at.isSsl() ? "rediss://" : "redis://") + host + ":" + at.getPort();
    }

    /** The hosts, each with what is needed to use it as a Redis. */
    List<RedisURI> lettuceUris() {
        return hosts(uri).stream().map(host -> withCredentials(node(uri, host))).toList();
    }

    /** The hosts as sentinels; each once more with user and password, if there are some. */
    List<RedisURI> sentinels() {
        List<RedisURI> open = hosts(uri).stream()
                .map(host -> sentinel(RedisURI.create("redis://" + host), host))
                .toList();
        List<RedisURI> secured = hosts(uri).stream()
                .map(host -> sentinel(withCredentials(node(uri, host)), host))
                .toList();
        boolean secret = password.isPresent() || authority(uri).contains("@");
        return secret ? Stream.concat(open.stream(), secured.stream()).toList() : open;
    }

    private RedisURI sentinel(RedisURI at, String host) {
        at.setTimeout(commandTimeout);
        at.setDatabase(0);
        if (!host.matches(".*:[0-9]+")) {
            at.setPort(SENTINEL_PORT);
        }
        return at;
    }

    private RedisURI withCredentials(RedisURI node) {
        node.setTimeout(commandTimeout);
        password.ifPresent(secret -> node.setCredentialsProvider(
                RedisCredentialsProvider.from(() -> RedisCredentials.just(userOf(uri), secret.toCharArray()))));
        database.ifPresent(node::setDatabase);
        return node;
    }

    private static @Nullable String userOf(String uri) {
        String userInfo = URI.create(nodeUri(uri, "host")).getUserInfo();
        if (userInfo == null || userInfo.indexOf(':') <= 0) {
            return null;
        }
        return userInfo.substring(0, userInfo.indexOf(':'));
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return "RedisSettings[" + address() + ", cluster=" + cluster + ", sentinelMaster="
                + sentinelMaster().orElse("none") + ", password="
                + (password.isPresent() ? "***" : "as in the URI")
                + ", database=" + (database.isPresent() ? database.getAsInt() : "as in the URI")
                + ", commandTimeout=" + commandTimeout + ", maxPayloadBytes=" + maxPayloadBytes
                + ", authorities=" + authorities.map(Path::toString).orElse("those of the JDK")
                + ", waitReplicas=" + waitReplicas + "]";
    }
}

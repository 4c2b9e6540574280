package io.redmessenger.bootstrap.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The registry of everything that can be set. The file, the environment, the flags, their help and the reference all
 * derive from it: a new setting is one entry here, and one component of {@link Configuration}.
 */
public final class Settings {

    private static final int TEN_YEARS = 315_360_000;
    private static final int ONE_DAY = 86_400;

    static final Setting<String> REDIS_HOST = Setting.of(
            "redis_host",
            SettingTypes.host(),
            "none",
            "The Redis to use. With neither this nor `redis_port` nor `redis_url` an embedded Redis is started.");

    static final Setting<Integer> REDIS_PORT = Setting.of(
            "redis_port",
            SettingTypes.whole(1, 65_535),
            "6379",
            "The port of the Redis to use. Given alone it means the Redis on 127.0.0.1.");

    static final Setting<URI> REDIS_URL = Setting.of(
                    "redis_url",
                    SettingTypes.redisUrl(),
                    "none",
                    "The Redis to use, with password, database or TLS (`rediss://`). It takes the place of `redis_host` and"
                            + " `redis_port`, and cannot stand beside them. Special characters in user and password are"
                            + " percent-encoded. Several nodes of a Redis Cluster are separated by commas:"
                            + " `redis://:password@host:7000,host:7001`. With Sentinel it names sentinels, and behind `#` the"
                            + " master: `redis-sentinel://:password@host:26379,host:26379/0#mymaster`; user and password are"
                            + " those of the Redis itself, and shown to sentinels that want some.")
            .secret();

    static final Setting<Boolean> REDIS_CLUSTER = Setting.of(
            "redis_cluster",
            SettingTypes.bool(),
            "false",
            "When true, the Redis is a Redis Cluster; `redis_url` or `redis_host` names one node of it, or more. The names of"
                    + " keys have braces then: `rm:users:{$uid}:messages`.");

    static final Setting<Path> REDIS_TLS_CA = Setting.of(
            "redis_tls_ca",
            SettingTypes.certificates(),
            "none",
            "The authorities that may have signed the certificate of a Redis that is reached by `rediss://`, as a PEM file;"
                    + " without it those that Java trusts. The certificate must also name the host in `redis_url`.");

    static final Setting<Integer> REDIS_WAIT_REPLICAS = Setting.of(
            "redis_wait_replicas",
            SettingTypes.whole(0, 100),
            "0",
            "How many replicas of Redis must have confirmed a message (by `WAIT`) before it counts as stored; with `0` the"
                    + " master's word is enough.");

    static final Setting<Path> DATA_DIR = Setting.of(
            "data_dir",
            SettingTypes.directory(),
            "./data",
            "Where the embedded Redis keeps its append-only file. One server uses it at a time.");

    static final Setting<String> WS_HOST = Setting.of(
            "ws_host",
            SettingTypes.host(),
            "127.0.0.1",
            "The address that the HTTP and WebSocket listener binds; `0.0.0.0` is every address of the machine.");

    static final Setting<Integer> WS_PORT = Setting.of(
            "ws_port",
            SettingTypes.whole(0, 65_535),
            "8080",
            "The port of that listener; `0` picks a free one, which is printed at start.");

    static final Setting<String> RM_ROUTE = Setting.of(
            "rm_route",
            SettingTypes.route(),
            "/rm",
            "The path of the plain WebSocket, and the name of the Socket.IO namespace.");

    static final Setting<Boolean> SECURE_MODE = Setting.of(
            "secure_mode",
            SettingTypes.bool(),
            "false",
            "When true, a connection must show the key that is stored at `rm:users:$uid:key`.");

    static final Setting<Duration> QUEUE_EXPIRY = Setting.of(
            "queue_expiry",
            SettingTypes.wholeSeconds(1, TEN_YEARS),
            "604800",
            "How long a message may wait in an inbox.");

    static final Setting<Integer> QUEUE_LIMIT = Setting.of(
            "queue_limit",
            SettingTypes.whole(1, 1_000_000_000),
            "1000",
            "How many messages an inbox holds. Past it the oldest is dropped and counted, and the client is told how many"
                    + " it missed.");

    static final Setting<Integer> CONN_LIMIT = Setting.of(
            "conn_limit",
            SettingTypes.whole(1, 1_000_000),
            "6",
            "How many live connections one user has. One more closes that user's oldest, with code 4409.");

    static final Setting<Integer> MAX_CONNECTIONS = Setting.of(
            "max_connections",
            SettingTypes.whole(1, 10_000_000),
            "100000",
            "How many connections this node has. Past it a new one gets HTTP 503.");

    static final Setting<Integer> MAX_MESSAGE_BYTES = Setting.of(
            "max_message_bytes",
            SettingTypes.whole(1, 16 * 1024 * 1024),
            "65536",
            "The largest payload, and the largest frame from a client, in bytes of UTF-8.");

    static final Setting<Duration> IDENTIFY_TIMEOUT = Setting.of(
            "identify_timeout",
            SettingTypes.seconds("0.01", 3_600),
            "10",
            "How long a new connection may take to say who it is. Later it is closed with code 4408.");

    static final Setting<Duration> PING_INTERVAL = Setting.of(
            "ping_interval",
            SettingTypes.seconds("0.01", ONE_DAY),
            "25",
            "How long a connection of any transport is quiet before the server pings it.");

    static final Setting<Duration> PING_TIMEOUT = Setting.of(
            "ping_timeout",
            SettingTypes.seconds("0.01", ONE_DAY),
            "20",
            "How long the answer to a ping may take. Later the connection counts as dead.");

    static final Setting<AllowedOrigins> ALLOWED_ORIGINS = Setting.of(
            "allowed_origins",
            SettingTypes.origins(),
            "same origin",
            "The web pages that may connect. A JSON array in the file; separated by commas in a flag or the environment."
                    + " A request without `Origin` does not come from a browser, and passes.");

    static final Setting<LogFormat> LOG_FORMAT = Setting.of(
            "log_format",
            SettingTypes.oneOf(LogFormat.class),
            "text",
            "How the log looks, which goes to standard error.");

    static final Setting<LogLevel> LOG_LEVEL = Setting.of(
            "log_level",
            SettingTypes.oneOf(LogLevel.class),
            "info",
            "From which level on the log is written. With `debug` the commands show stack traces too.");

    static final Setting<String> NODE_ID = Setting.of(
            "node_id",
            SettingTypes.nodeId(),
            "random",
            "The name of this node in logs and metrics; unique among the nodes.");

    static final Setting<Duration> DRAIN_SECONDS = Setting.of(
            "drain_seconds",
            SettingTypes.seconds("0.01", 3_600),
            "3",
            "After SIGTERM, the time over which the closing of the live connections is spread, so that their clients do"
                    + " not all come back in the same moment.");

    /** Every setting, in the order of the reference. Known ones that this version refuses come last. */
    public static final List<Setting<?>> ALL = List.of(
            REDIS_HOST,
            REDIS_PORT,
            REDIS_URL,
            REDIS_CLUSTER,
            REDIS_TLS_CA,
            REDIS_WAIT_REPLICAS,
            DATA_DIR,
            WS_HOST,
            WS_PORT,
            RM_ROUTE,
            SECURE_MODE,
            QUEUE_EXPIRY,
            QUEUE_LIMIT,
            CONN_LIMIT,
            MAX_CONNECTIONS,
            MAX_MESSAGE_BYTES,
            IDENTIFY_TIMEOUT,
            PING_INTERVAL,
            PING_TIMEOUT,
            ALLOWED_ORIGINS,
            LOG_FORMAT,
            LOG_LEVEL,
            NODE_ID,
            DRAIN_SECONDS,
            Setting.of("jwt_secret", SettingTypes.text("SECRET"), "none", "Checks JWTs by a shared secret.")
                    .secret()
                    .notSupportedYet(),
            Setting.of("jwt_public_key", SettingTypes.text("PEM"), "none", "Checks JWTs by a public key.")
                    .notSupportedYet(),
            Setting.of("jwt_jwks_url", SettingTypes.text("URL"), "none", "Checks JWTs by the keys behind a URL.")
                    .notSupportedYet(),
            Setting.of("jwt_issuer", SettingTypes.text("TEXT"), "none", "The issuer that a JWT must name.")
                    .notSupportedYet(),
            Setting.of("jwt_audience", SettingTypes.text("TEXT"), "none", "The audience that a JWT must name.")
                    .notSupportedYet(),
            Setting.of("api_token", SettingTypes.text("SECRET"), "none", "The bearer token of the HTTP API.")
                    .secret()
                    .notSupportedYet(),
            Setting.of("tls_cert", SettingTypes.text("FILE"), "none", "The certificate of a TLS listener.")
                    .notSupportedYet(),
            Setting.of("tls_key", SettingTypes.text("FILE"), "none", "The private key of a TLS listener.")
                    .notSupportedYet());

    private Settings() {}

    /** The setting with this key. */
    static Optional<Setting<?>> named(String key) {
        return ALL.stream()
                .<Setting<?>>map(setting -> setting)
                .filter(setting -> setting.key().equals(key))
                .findFirst();
    }
}

package io.redmessenger.bootstrap.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The checked settings of one process, immutable. {@link Settings} says what each means, and its range.
 *
 * @param redis the Redis in use
 * @param redisTlsCa PEM file of the authorities to trust for TLS with Redis; those of Java without it
 * @param redisWaitReplicas replicas that must confirm a message; 0 for none
 * @param dataDir where the embedded Redis keeps its data; relative to the working directory when it is relative
 * @param wsHost the address that the listener binds
 * @param wsPort its port, 0 for a free one
 * @param rmRoute path and Socket.IO namespace; begins with a slash and does not end with one
 * @param secureMode whether connections must show a key
 * @param queueExpiry how long a message may wait; whole seconds, 1 or more
 * @param queueLimit messages an inbox holds
 * @param connLimit live connections of one user
 * @param maxConnections connections of this node
 * @param maxMessageBytes the largest payload, and frame from a client
 * @param identifyTimeout time to send an identifier
 * @param pingInterval time between pings
 * @param pingTimeout time to answer one
 * @param allowedOrigins which web pages may connect
 * @param logFormat how the log looks
 * @param logLevel from which level on
 * @param nodeId the name of this node; random unless it was set
 * @param drainTime over which the closing of live connections is spread when the server stops
 */
public record Configuration(
        RedisTarget redis,
        Optional<Path> redisTlsCa,
        int redisWaitReplicas,
        Path dataDir,
        String wsHost,
        int wsPort,
        String rmRoute,
        boolean secureMode,
        Duration queueExpiry,
        int queueLimit,
        int connLimit,
        int maxConnections,
        int maxMessageBytes,
        Duration identifyTimeout,
        Duration pingInterval,
        Duration pingTimeout,
        AllowedOrigins allowedOrigins,
        LogFormat logFormat,
        LogLevel logLevel,
        String nodeId,
        Duration drainTime) {

    /** The same configuration with another Redis, as when the embedded one has been started. */
    public Configuration withRedis(RedisTarget other) {
        return new Configuration(
                other,
                redisTlsCa,
                redisWaitReplicas,
                dataDir,
                wsHost,
                wsPort,
                rmRoute,
                secureMode,
                queueExpiry,
                queueLimit,
                connLimit,
                maxConnections,
                maxMessageBytes,
                identifyTimeout,
                pingInterval,
                pingTimeout,
                allowedOrigins,
                logFormat,
                logLevel,
                nodeId,
                drainTime);
    }
}

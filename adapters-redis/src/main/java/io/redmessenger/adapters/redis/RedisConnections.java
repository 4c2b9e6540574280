package io.redmessenger.adapters.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to Redis. Commands share one; each subscription has its own. What is in flight when a connection
 * breaks fails, and is not sent again: it may have been carried out.
 *
 * <p>All of them go to the {@linkplain RedisHome home}, and are to be replaced when that moves. In a cluster there is one
 * more, for commands that have a key.
 */
final class RedisConnections implements Supplier<RedisClusterAsyncCommands<byte[], byte[]>> {

    private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);

    private static final Pattern CLIENT = Pattern.compile("id=(\\d+) addr=(\\S+)");
    private static final Duration RECONNECT_DELAY = Duration.ofMillis(200);
    private static final int REQUEST_QUEUE = 20_000;
    private static final int SHUTDOWN_SECONDS = 2;
    private static final int IO_THREADS = 4; // commands, signals, publications, waiting for the stream

    private final ClientResources resources;
    private final RedisClient client;
    private final RedisHome home;
    private final @Nullable ClusterHome cluster;
    private final Map<StatefulConnection<?, ?>, RedisURI> openedAt = Collections.synchronizedMap(new WeakHashMap<>());
    private volatile boolean suspicious;
    private volatile @Nullable StatefulRedisConnection<byte[], byte[]> commands;
    private volatile Runnable onChange = () -> {};
    private volatile boolean closed;
    private volatile Optional<KillArgs> ending = Optional.empty(); // how to end the connection for commands in Redis

    RedisConnections(RedisSettings settings) {
        resources = DefaultClientResources.builder()
                .ioThreadPoolSize(IO_THREADS)
                .computationThreadPoolSize(2)
                .reconnectDelay(Delay.constant(RECONNECT_DELAY))
                .build();
        ClientOptions options = ClientOptions.builder()
                .protocolVersion(ProtocolVersion.RESP2) // Pub/Sub is faster than with RESP3
                .autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(REQUEST_QUEUE)
                .sslOptions(RedisTls.options(settings.authorities()))
                .timeoutOptions(TimeoutOptions.enabled(settings.commandTimeout()))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.commandTimeout())
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .build();
        client = RedisClient.create(resources);
        client.setOptions(options);
        List<RedisURI> uris = settings.lettuceUris();
        cluster = settings.cluster() ? new ClusterHome(resources, uris, options) : null;
        home = cluster != null
                ? cluster
                : settings.sentinelMaster()
                        .<RedisHome>map(master -> new SentinelHome(client, settings.sentinels(), master, uris.get(0)))
                        .orElseGet(() -> new RedisHome.Fixed(uris.get(0)));
    }

    /** Finds the home, and opens the connections for commands. */
    CompletionStage<Void> open() {
        return home.look()
                .thenCompose(found -> another())
                .thenAccept(this::adopt)
                .thenCompose(opened -> cluster == null ? CompletableFuture.completedFuture(null) : cluster.open());
    }

    /** Finds out anew where the home is; see {@link RedisHome#look}. */
    CompletionStage<Void> look() {
        suspicious = false;
        return home.look();
    }

    Duration lookEvery() {
        return home.lookEvery();
    }

    boolean isCluster() {
        return cluster != null;
    }

    /** Something failed: it is time to look. */
    void suspect() {
        suspicious = true;
    }

    boolean isSuspicious() {
        return suspicious;
    }

    /** See {@link RedisHome#failovers}. */
    long failovers() {
        return home.failovers();
    }

    /** {@code redis://HOST:PORT} of the home, without secrets. */
    String address() {
        return RedisSettings.address(home.uri());
    }

    /** Whether a connection goes to where the home is now. */
    boolean isAtHome(@Nullable StatefulConnection<?, ?> connection) {
        RedisURI at = connection == null ? null : openedAt.get(connection);
        RedisURI now = at == null ? null : home.uri();
        return now == null
                || at == null
                || (at.getPort() == now.getPort() && at.getHost().equals(now.getHost()));
    }

    /** Whether the connection for commands without a key goes to where the home is now. */
    boolean isAtHome() {
        return isAtHome(commands);
    }

    private void adopt(StatefulRedisConnection<byte[], byte[]> connection) {
        StatefulRedisConnection<byte[], byte[]> old = commands;
        commands = connection;
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
                learnHowToEnd(connection);
                onChange.run();
            }

            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                onChange.run();
            }
        });
        learnHowToEnd(connection);
        if (old != null) {
            release(old);
        }
        if (closed) {
            release(connection);
        }
    }

    /**
     * Replaces a connection for commands on which nothing is answered, or that leads to a Redis that is no master any
     * more, provided that a new one is answered. The old one is ended on the side of Redis first: what has not been
     * carried out by then never will be, so that nothing is overtaken by its own repetition.
     */
    CompletionStage<Void> replace(Supplier<Boolean> stillWanted) {
        Optional<KillArgs> endingOld = ending;
        return another().thenCompose(connection -> end(endingOld, connection)).thenAccept(connection -> {
            if (stillWanted.get()) {
                adopt(connection);
            } else {
                release(connection);
            }
        });
    }

    /** Completes with {@code through}; whether the other was there, or may be ended, makes no difference. */
    private static CompletionStage<StatefulRedisConnection<byte[], byte[]>> end(
            Optional<KillArgs> other, StatefulRedisConnection<byte[], byte[]> through) {
        return other.map(how -> through.async()
                        .clientKill(how)
                        .<StatefulRedisConnection<byte[], byte[]>>handle((killed, failure) -> through))
                .orElseGet(() -> CompletableFuture.completedFuture(through));
    }

    /** Id and address together are right even when the new connection leads to another Redis, which has its own ids. */
    private void learnHowToEnd(StatefulRedisConnection<byte[], byte[]> connection) {
        CompletionStage<String> asking = connection.async().clientInfo();
        asking.whenComplete((info, failure) -> {
            Matcher found = failure == null ? CLIENT.matcher(info) : CLIENT.matcher("");
            ending = found.find()
                    ? Optional.of(
                            KillArgs.Builder.id(Long.parseLong(found.group(1))).addr(found.group(2)))
                    : Optional.empty();
        });
    }

    /** Closes a connection in the background. */
    static void release(StatefulConnection<?, ?> connection) {
        CompletionStage<Void> closing = connection.closeAsync();
        closing.whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("a connection could not be closed", failure);
            }
        });
    }

    /** Sets who is told when the connection for commands breaks or is back. */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    boolean isOpen() {
        StatefulRedisConnection<byte[], byte[]> connection = commands;
        return connection != null && connection.isOpen();
    }

    /** The commands; in a cluster, those that have a key. */
    @Override
    public RedisClusterAsyncCommands<byte[], byte[]> get() {
        return cluster == null ? atHome() : cluster.commands();
    }

    /** Those that go to the home. */
    RedisClusterAsyncCommands<byte[], byte[]> atHome() {
        StatefulRedisConnection<byte[], byte[]> connection = commands;
        if (connection == null) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "not connected to Redis yet");
        }
        return connection.async();
    }

    /** Publishes at the home. In a cluster it is heard at every other server too. */
    CompletionStage<Long> publish(byte[] channel, byte[] message) {
        return atHome().publish(channel, message);
    }

    CompletionStage<StatefulRedisPubSubConnection<byte[], byte[]>> subscriber() {
        RedisURI uri = home.uri();
        return client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri).thenApply(connection -> {
            openedAt.put(connection, uri);
            return connection;
        });
    }

    /** Opens a connection for commands that wait. */
    CompletionStage<StatefulRedisConnection<byte[], byte[]>> another() {
        RedisURI uri = home.uri();
        return client.connectAsync(ByteArrayCodec.INSTANCE, uri).thenApply(connection -> {
            openedAt.put(connection, uri);
            return connection;
        });
    }

    /** Where the home is, as far as is known. */
    RedisURI uri() {
        return home.uri();
    }

    /** Opens a connection to a server that need not be the home. */
    CompletionStage<StatefulRedisConnection<byte[], byte[]>> at(RedisURI uri) {
        return client.connectAsync(ByteArrayCodec.INSTANCE, uri);
    }

    /** Closes everything, within a few seconds. */
    CompletionStage<Void> close() {
        closed = true;
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletionStage<Void> clusterDone =
                cluster == null ? CompletableFuture.completedFuture(null) : cluster.close(SHUTDOWN_SECONDS);
        CompletionStage<Void> clientDone =
                client.shutdownAsync(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS).thenCompose(clientClosed -> clusterDone);
        clientDone.whenComplete((nothing, failure) -> resources
                .shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                .addListener(resourcesDone -> done.complete(null)));
        return done;
    }
}

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
import io.lettuce.core.api.async.RedisAsyncCommands;
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
import java.util.Optional;
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
 */
final class RedisConnections implements Supplier<RedisAsyncCommands<byte[], byte[]>> {

    private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);

    private static final Pattern CLIENT = Pattern.compile("id=(\\d+) addr=(\\S+)");
    private static final Duration RECONNECT_DELAY = Duration.ofMillis(200);
    private static final int REQUEST_QUEUE = 20_000;
    private static final int SHUTDOWN_SECONDS = 2;
    private static final int IO_THREADS = 4; // commands, signals, publications, waiting for the stream

    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;
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
        uri = settings.lettuceUri();
        client = RedisClient.create(resources, uri);
        client.setOptions(ClientOptions.builder()
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
                .build());
    }

    /** Opens the connection for commands. */
    CompletionStage<Void> open() {
        return client.connectAsync(ByteArrayCodec.INSTANCE, uri).thenAccept(this::adopt);
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
        return client.connectAsync(ByteArrayCodec.INSTANCE, uri)
                .thenCompose(connection -> end(endingOld, connection))
                .thenAccept(connection -> {
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

    /** The commands. */
    @Override
    public RedisAsyncCommands<byte[], byte[]> get() {
        StatefulRedisConnection<byte[], byte[]> connection = commands;
        if (connection == null) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "not connected to Redis yet");
        }
        return connection.async();
    }

    CompletionStage<StatefulRedisPubSubConnection<byte[], byte[]>> subscriber() {
        return client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri);
    }

    /** Opens a connection for commands that wait. */
    CompletionStage<StatefulRedisConnection<byte[], byte[]>> another() {
        return client.connectAsync(ByteArrayCodec.INSTANCE, uri);
    }

    /** Closes everything, within a few seconds. */
    CompletionStage<Void> close() {
        closed = true;
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletionStage<Void> clientDone = client.shutdownAsync(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        clientDone.whenComplete((nothing, failure) -> resources
                .shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                .addListener(resourcesDone -> done.complete(null)));
        return done;
    }
}

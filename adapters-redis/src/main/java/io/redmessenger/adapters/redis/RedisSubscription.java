package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that listens to one pattern or channel, and to the probes of this node, which prove that it still hears.
 * Lettuce restores it when it breaks; {@link #reopen} replaces it when it has gone deaf.
 */
final class RedisSubscription {

    private final String name;
    private final RedisConnections connections;
    private final boolean pattern;
    private final byte[] topic;
    private final byte[] probes;
    private final BiConsumer<byte[], byte[]> onMessage;

    private volatile @Nullable StatefulRedisPubSubConnection<byte[], byte[]> current;
    private volatile boolean opening;
    private volatile boolean closed;
    private volatile boolean connected;
    private volatile long probeHeard;
    private volatile long heardAt = System.nanoTime();
    private volatile Runnable onChange = () -> {};

    /**
     * @param name what it is called in logs
     * @param pattern whether {@code topic} is a pattern or the name of a channel
     * @param onMessage called with channel and message on the connection's thread; must return at once
     */
    RedisSubscription(
            String name,
            RedisConnections connections,
            boolean pattern,
            byte[] topic,
            byte[] probes,
            BiConsumer<byte[], byte[]> onMessage) {
        this.name = name;
        this.connections = connections;
        this.pattern = pattern;
        this.topic = topic;
        this.probes = probes;
        this.onMessage = onMessage;
    }

    String name() {
        return name;
    }

    /** Sets who is told when it breaks, is back, or hears a probe. */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    boolean isConnected() {
        return connected;
    }

    /** The number of the newest probe heard. */
    long probeHeard() {
        return probeHeard;
    }

    /** When anything was heard last, as {@link System#nanoTime} had it. */
    long heardAt() {
        return heardAt;
    }

    /** Whether it listens, or tries to, at the server where the others do. */
    boolean isAtHome() {
        return connections.isAtHome(current);
    }

    boolean isOpening() {
        return opening;
    }

    /** Connects and subscribes. */
    CompletionStage<Void> open() {
        opening = true;
        return connections.subscriber().thenCompose(this::subscribe).whenComplete((done, failure) -> opening = false);
    }

    private CompletionStage<Void> subscribe(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        current = connection;
        if (closed) {
            return connection.closeAsync();
        }
        connection.addListener(new Hearing(connection));
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
                changed(connection, true);
            }

            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                changed(connection, false);
            }
        });
        changed(connection, true);
        RedisPubSubAsyncCommands<byte[], byte[]> redis = connection.async();
        CompletableFuture<Void> subscribed =
                (pattern ? redis.psubscribe(topic) : redis.subscribe(topic)).toCompletableFuture();
        return CompletableFuture.allOf(subscribed, redis.subscribe(probes).toCompletableFuture());
    }

    private void changed(StatefulRedisPubSubConnection<byte[], byte[]> connection, boolean isConnected) {
        if (connection.equals(current)) {
            connected = isConnected;
            onChange.run();
        }
    }

    private final class Hearing extends RedisPubSubAdapter<byte[], byte[]> {

        private final StatefulRedisPubSubConnection<byte[], byte[]> connection;

        Hearing(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
            this.connection = connection;
        }

        @Override
        public void message(byte[] channel, byte[] message) {
            hear(channel, message);
        }

        @Override
        public void message(byte[] subscribedPattern, byte[] channel, byte[] message) {
            hear(channel, message);
        }

        private void hear(byte[] channel, byte[] message) {
            if (!connection.equals(current)) {
                return; // replaced, but not gone yet
            }
            heardAt = System.nanoTime();
            if (Arrays.equals(channel, probes)) {
                probeHeard = numberIn(message);
                onChange.run();
            } else {
                onMessage.accept(channel, message);
            }
        }
    }

    /** Anybody can publish there: what is no number is none of ours. */
    private long numberIn(byte[] message) {
        try {
            return Long.parseLong(new String(message, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return probeHeard;
        }
    }

    /** Replaces the connection. */
    CompletionStage<Void> reopen() {
        StatefulRedisPubSubConnection<byte[], byte[]> old = current;
        current = null;
        connected = false;
        if (old != null) {
            RedisConnections.release(old);
        }
        return open();
    }

    void close() {
        closed = true;
        StatefulRedisPubSubConnection<byte[], byte[]> connection = current;
        current = null;
        connected = false;
        if (connection != null) {
            RedisConnections.release(connection);
        }
    }
}

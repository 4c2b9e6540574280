package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A connection that listens to some channels, and to the probes of this node, which prove that it still hears.
 * Lettuce restores it when it breaks; {@link #reopen} replaces it when it has gone deaf.
 */
final class RedisSubscription {

    private final String name;
    private final RedisConnections connections;
    private final Optional<byte[]> pattern;
    private final byte[] channel;
    private final byte[] probes;
    private final Listener listener;

    private volatile @Nullable StatefulRedisPubSubConnection<byte[], byte[]> current;
    private volatile boolean opening;
    private volatile boolean closed;
    private volatile boolean connected;
    private volatile long probeHeard;
    private volatile long heardAt = System.nanoTime();
    private volatile Runnable onChange = () -> {};

    /** Told on the connection's thread; must return at once. */
    interface Listener {

        /** Something was published that the subscription is about. */
        void heard(byte[] channel, byte[] message);

        /** Only from here on everything is heard, after a start or a break. */
        default void listening() {}

        /** The connection is gone: what is published from here on may be missed. */
        default void broken() {}
    }

    /**
     * @param name what it is called in logs
     * @param channel what it listens to
     * @param pattern what else it listens to; the last that is subscribed to
     */
    RedisSubscription(
            String name,
            RedisConnections connections,
            byte[] channel,
            Optional<byte[]> pattern,
            byte[] probes,
            Listener listener) {
        this.name = name;
        this.connections = connections;
        this.channel = channel;
        this.pattern = pattern;
        this.probes = probes;
        this.listener = listener;
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
        CompletableFuture<Void> channels = redis.subscribe(channel, probes).toCompletableFuture();
        return pattern.isEmpty()
                ? channels
                : CompletableFuture.allOf(
                        channels, redis.psubscribe(pattern.get()).toCompletableFuture());
    }

    private void changed(StatefulRedisPubSubConnection<byte[], byte[]> connection, boolean isConnected) {
        if (connection.equals(current)) {
            connected = isConnected;
            if (!isConnected) {
                listener.broken();
            }
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

        /** Lettuce, too, subscribes to patterns last when a connection is back. */
        @Override
        public void psubscribed(byte[] subscribedPattern, long count) {
            if (connection.equals(current)) {
                listener.listening();
            }
        }

        private void hear(byte[] from, byte[] message) {
            if (!connection.equals(current)) {
                return; // replaced, but not gone yet
            }
            heardAt = System.nanoTime();
            if (Arrays.equals(from, probes)) {
                probeHeard = numberIn(message);
                onChange.run();
            } else {
                listener.heard(from, message);
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
            listener.broken();
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

package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription on a connection of its own, which can be opened anew when it is found dead. Lettuce restores a subscription
 * after a reconnect by itself; that it is really alive, only what is heard on it proves.
 *
 * @param <T> channels and messages, text or bytes
 */
final class Subscription<T> {

    private final RedisClient client;
    private final RedisURI uri;
    private final RedisCodec<T, T> codec;
    private final BiConsumer<T, T> listener;
    private final Consumer<StatefulRedisPubSubConnection<T, T>> subscribe;
    private @Nullable StatefulRedisPubSubConnection<T, T> connection;
    private boolean opening;
    private boolean closed;

    /**
     * @param listener gets channel and message
     * @param subscribe asks the new connection for the channels
     */
    Subscription(
            RedisClient client,
            RedisURI uri,
            RedisCodec<T, T> codec,
            BiConsumer<T, T> listener,
            Consumer<StatefulRedisPubSubConnection<T, T>> subscribe) {
        this.client = client;
        this.uri = uri;
        this.codec = codec;
        this.listener = listener;
        this.subscribe = subscribe;
    }

    /** Opens the connection, or replaces the one that is open. Does nothing while that is under way. */
    synchronized void open() {
        if (opening || closed) {
            return;
        }
        opening = true;
        if (connection != null) {
            connection.closeAsync();
            connection = null;
        }
        CompletionStage<StatefulRedisPubSubConnection<T, T>> opened = client.connectPubSubAsync(codec, uri);
        opened.whenComplete((fresh, failure) -> opened(fresh));
    }

    private synchronized void opened(@Nullable StatefulRedisPubSubConnection<T, T> fresh) {
        opening = false;
        if (fresh == null) {
            return; // the monitor asks again
        }
        if (closed) {
            fresh.closeAsync();
            return;
        }
        connection = fresh;
        fresh.addListener(new RedisPubSubAdapter<T, T>() {
            @Override
            public void message(T channel, T message) {
                listener.accept(channel, message);
            }

            @Override
            public void message(T pattern, T channel, T message) {
                listener.accept(channel, message);
            }
        });
        subscribe.accept(fresh);
    }

    synchronized boolean isConnected() {
        return connection != null && connection.isOpen();
    }

    synchronized void close() {
        closed = true;
        if (connection != null) {
            connection.closeAsync();
            connection = null;
        }
    }
}

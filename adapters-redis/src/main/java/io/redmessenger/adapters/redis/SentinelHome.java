package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master that sentinels name. They are asked every second, whether or not the connections are well: the connection to a
 * master that stands still, or that has become a replica behind our back, does not break by itself.
 */
final class SentinelHome implements RedisHome {

    private static final Logger log = LoggerFactory.getLogger(SentinelHome.class);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final RedisClient client;
    private final List<RedisURI> sentinels;
    private final String master;
    private final RedisURI template;

    private volatile @Nullable StatefulRedisSentinelConnection<String, String> connection;
    private volatile @Nullable RedisURI uri;
    private volatile int asked; // which sentinel
    private final AtomicLong failovers = new AtomicLong();

    /** @param template what the master is used with, whatever its host and port */
    SentinelHome(RedisClient client, List<RedisURI> sentinels, String master, RedisURI template) {
        this.client = client;
        this.sentinels = sentinels;
        this.master = master;
        this.template = template;
    }

    @Override
    public Duration lookEvery() {
        return LOOK_EVERY;
    }

    @Override
    public CompletionStage<Void> look() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ask(1, done);
        return done;
    }

    /** Asks one after the other, beginning with the one that answered last. */
    private void ask(int attempt, CompletableFuture<Void> done) {
        answer().whenComplete((address, failure) -> {
            if (address instanceof InetSocketAddress found) {
                found(found);
                done.complete(null);
                return;
            }
            drop();
            asked = (asked + 1) % sentinels.size();
            if (attempt < sentinels.size()) {
                ask(attempt + 1, done);
            } else {
                done.completeExceptionally(
                        failure != null
                                ? RedisFailures.translate(failure)
                                : new PortException(
                                        ErrorCode.STORE_REFUSED, "the sentinels know no master called " + master));
            }
        });
    }

    private CompletionStage<SocketAddress> answer() {
        StatefulRedisSentinelConnection<String, String> open = connection;
        try {
            return open == null
                    ? client.connectSentinelAsync(StringCodec.UTF8, sentinels.get(asked))
                            .thenCompose(opened -> {
                                connection = opened;
                                return opened.async().getMasterAddrByName(master);
                            })
                    : open.async().getMasterAddrByName(master);
        } catch (RuntimeException e) { // everything is closed
            return CompletableFuture.failedFuture(e);
        }
    }

    private void drop() {
        StatefulRedisSentinelConnection<String, String> old = connection;
        connection = null;
        if (old != null) {
            RedisConnections.release(old);
        }
    }

    private void found(InetSocketAddress address) {
        RedisURI known = uri;
        if (known != null
                && known.getPort() == address.getPort()
                && known.getHost().equals(address.getHostString())) {
            return;
        }
        RedisURI now = RedisURI.builder(template)
                .withHost(address.getHostString())
                .withPort(address.getPort())
                .build();
        uri = now;
        if (known != null) {
            failovers.incrementAndGet();
            log.warn("the master is at {} now", RedisSettings.address(now));
        }
    }

    @Override
    public RedisURI uri() {
        RedisURI known = uri;
        if (known == null) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "no sentinel has named the master yet");
        }
        return known;
    }

    @Override
    public long failovers() {
        return failovers.get();
    }
}

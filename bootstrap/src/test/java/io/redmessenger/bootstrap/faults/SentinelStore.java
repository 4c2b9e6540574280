package io.redmessenger.bootstrap.faults;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.redmessenger.adapters.redis.SentinelTopology;
import io.redmessenger.application.contract.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A master with replicas, and sentinels that replace it. Nodes find the master by themselves, so there is no proxy before it. */
final class SentinelStore implements Store {

    private final SentinelTopology topology = SentinelTopology.start();
    /** Longer than it takes a sentinel to notice that a master is gone. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final RedisClient client = RedisClient.create();

    SentinelStore() {
        client.setOptions(StandaloneStore.withoutReconnect());
    }

    @Override
    public List<String> flags(int link) {
        return List.of("--redis-url", topology.uri());
    }

    @Override
    public int port() {
        return 0;
    }

    @Override
    public int replicas() {
        return 2;
    }

    @Override
    public Session connect() {
        RedisURI uri = RedisURI.create(topology.uri());
        uri.setTimeout(Duration.ofSeconds(3));
        return StandaloneStore.session(client.connect(uri));
    }

    @Override
    public String key(String before, String id, String after) {
        return before + id + after;
    }

    @Override
    public void harm(FaultKind kind, int shard) {
        switch (kind) {
            case REDIS_KILL -> topology.killMaster();
            case REDIS_PAUSE -> topology.pauseMaster();
            case SENTINEL_KILL -> topology.killSentinel(shard);
            default -> throw new IllegalArgumentException(kind.name());
        }
    }

    @Override
    public void mend() {
        topology.resume();
        topology.restartDead();
        awaitSettled();
        Await.until("both replicas follow the master", Duration.ofSeconds(60), this::isFollowed);
    }

    /** A master that comes back in time to answer may all the same be replaced, when the sentinels had missed it before. */
    private void awaitSettled() {
        AtomicLong since = new AtomicLong(System.nanoTime());
        Await.until("the sentinels are content", Duration.ofSeconds(60), () -> {
            if (!topology.isSettled()) {
                since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() > SETTLED.toNanos();
        });
    }

    private boolean isFollowed() {
        try {
            return ask("", redis -> {
                redis.set("faults", "a write to wait for");
                return redis.waitForReplication(replicas(), 1_000) >= replicas();
            });
        } catch (RedisException e) {
            return false;
        }
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        topology.close();
    }
}

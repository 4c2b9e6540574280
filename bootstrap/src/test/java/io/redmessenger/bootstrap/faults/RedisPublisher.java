package io.redmessenger.bootstrap.faults;

import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A backend that speaks to Redis. After a failure it opens another connection. */
abstract class RedisPublisher extends Publisher {

    private static final int BACK_OFF_MILLIS = 100;

    private final Store store;
    private Store.@Nullable Session session;

    private RedisPublisher(
            Way way,
            String name,
            List<String> users,
            int rest,
            SplittableRandom random,
            Store store,
            Recorder recorder) {
        super(way, name, users, rest, random, recorder);
        this.store = store;
    }

    /**
     * By PUBLISH: accepted when two nodes or more were listening, so that one may fail. In a cluster only the server at which
     * the nodes listen can tell: the one that has the stream.
     */
    static Publisher pubSub(String name, List<String> users, SplittableRandom random, Store store, Recorder recorder) {
        return new RedisPublisher(Way.PUBLISH, name, users, Load.REST, random, store, recorder) {
            @Override
            boolean publish(String address, String id, String payload, long ttl) throws InterruptedException {
                return attempt(STREAM, redis -> redis.publish(address, payload) >= 2);
            }
        };
    }

    /**
     * By XADD with an id: accepted when it is answered, and every replica has it. Until then it is added again with the same id, as
     * a backend would that has not seen an answer.
     */
    static Publisher stream(
            String name, List<String> users, int rest, SplittableRandom random, Store store, Recorder recorder) {
        return new RedisPublisher(Way.STREAM, name, users, rest, random, store, recorder) {
            @Override
            boolean publish(String address, String id, String payload, long ttl) throws InterruptedException {
                Map<String, String> entry = new LinkedHashMap<>(Map.of("to", address, "payload", payload, "id", id));
                if (ttl > 0) {
                    entry.put("ttl", Long.toString(ttl));
                }
                while (!isStopped()) {
                    if (attempt(STREAM, redis -> redis.xadd(STREAM, entry) != null && isReplicated(redis))) {
                        return true;
                    }
                }
                return false;
            }
        };
    }

    static final String STREAM = "rm:publish";

    private interface Attempt {
        boolean on(RedisClusterCommands<String, String> redis);
    }

    final boolean attempt(String key, Attempt attempt) throws InterruptedException {
        try {
            Store.Session open = session;
            if (open == null) {
                open = store.connect();
                session = open;
            }
            return attempt.on(open.redis(key));
        } catch (RedisException e) {
            close();
            TimeUnit.MILLISECONDS.sleep(BACK_OFF_MILLIS);
            return false;
        }
    }

    final boolean isReplicated(RedisClusterCommands<String, String> redis) {
        int replicas = store.replicas();
        return replicas == 0 || redis.waitForReplication(replicas, 1_000) >= replicas;
    }

    @Override
    public void close() {
        Store.Session open = session;
        session = null;
        if (open != null) {
            open.close();
        }
    }
}

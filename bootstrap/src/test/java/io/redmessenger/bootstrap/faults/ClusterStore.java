package io.redmessenger.bootstrap.faults;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.redmessenger.adapters.redis.ClusterTopology;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A Redis Cluster of three masters with a replica each. Nodes find them by themselves, so there is no proxy before them. */
final class ClusterStore implements Store {

    private final ClusterTopology topology = ClusterTopology.start();
    private final RedisClusterClient client;

    ClusterStore() {
        List<RedisURI> uris = Stream.of(
                        topology.uri().substring("redis://".length()).split(",", -1))
                .map(address -> RedisURI.create("redis://" + address + "?timeout=3s"))
                .toList();
        client = RedisClusterClient.create(uris);
        client.setOptions(ClusterClientOptions.builder().autoReconnect(false).build());
    }

    @Override
    public List<String> flags(int link) {
        return List.of("--redis-url", topology.uri(), "--redis-cluster=true");
    }

    @Override
    public int port() {
        return 0;
    }

    @Override
    public int replicas() {
        return 1;
    }

    /** Each command goes to the master of its slot, on a connection to that alone, so that WAIT follows the write there. */
    @Override
    public Session connect() {
        client.refreshPartitions();
        StatefulRedisClusterConnection<String, String> connection = client.connect();
        return new Session() {
            @Override
            public RedisClusterCommands<String, String> redis(String key) {
                RedisClusterNode master = connection.getPartitions().getPartitionBySlot(SlotHash.getSlot(key));
                if (master == null) {
                    throw new RedisException("nobody has the slot of " + key);
                }
                return connection.getConnection(master.getNodeId()).sync();
            }

            @Override
            public void close() {
                connection.closeAsync();
            }
        };
    }

    @Override
    public String key(String before, String id, String after) {
        return before + "{" + id + "}" + after;
    }

    @Override
    public void harm(FaultKind kind, int shard) {
        switch (kind) {
            case REDIS_KILL -> topology.killMaster(shard);
            case REDIS_PAUSE -> topology.pauseMaster(shard);
            default -> throw new IllegalArgumentException(kind.name());
        }
    }

    @Override
    public void mend() {
        topology.resume();
        topology.restartDead();
        topology.awaitHealthy();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        topology.close();
    }
}

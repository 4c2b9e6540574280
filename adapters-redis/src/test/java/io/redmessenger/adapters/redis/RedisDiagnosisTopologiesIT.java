package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Redis behind sentinels, and a cluster. */
class RedisDiagnosisTopologiesIT {

    private record Found(List<Finding> findings) {

        boolean has(String check) {
            return findings.stream().anyMatch(finding -> finding.check().equals(check));
        }

        Finding get(String check) {
            return findings.stream()
                    .filter(finding -> finding.check().equals(check))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + check + " in " + findings));
        }
    }

    private static Found examine(RedisSettings settings) {
        return new Found(
                Await.value(RedisAdapter.diagnosis(settings, Clock.systemUTC()).examine()));
    }

    @Test
    void sentinelsShouldBeAskedOneByOne() {
        try (SentinelTopology topology = SentinelTopology.start()) {
            Found found = examine(RedisSettings.of(topology.uri()));
            Finding sentinel = found.get("redis-sentinel");
            assertThat(sentinel.state()).as(sentinel.toString()).isEqualTo(State.OK);
            assertThat(sentinel.summary()).contains("3 of 3 sentinels").contains("" + topology.masterPort());
            assertThat(found.get("redis-role").state()).isEqualTo(State.OK);
            assertThat(found.get("redis-replicas").summary()).startsWith("2 replicas");
            Finding unknown = examine(RedisSettings.of(topology.uri() + "x")).get("redis-connection");
            assertThat(unknown.state()).isEqualTo(State.PROBLEM);
            assertThat(unknown.command().orElseThrow()).endsWith("SENTINEL MASTERS");
            String oneMore = topology.uri().replace("redis-sentinel://", "redis-sentinel://127.0.0.1:1,");
            assertThat(examine(RedisSettings.of(oneMore)).get("redis-sentinel").summary())
                    .contains("3 of 4 sentinels")
                    .contains("127.0.0.1:1 does not");
        }
    }

    @Test
    void aClusterShouldBeLookedAtAsAWhole() {
        try (ClusterTopology topology = ClusterTopology.start()) {
            RedisSettings settings = RedisSettings.ofCluster(topology.uri());
            int shard = topology.shardOf("rm:users:{bob}:messages");
            topology.askMaster(shard, redis -> redis.set("rm:users:{bob}:messages", "x"));
            topology.askMaster(2, redis -> redis.configSet("maxmemory-policy", "allkeys-lru"));
            Found found = examine(settings);
            Finding cluster = found.get("redis-cluster");
            assertThat(cluster.state()).as(cluster.toString()).isEqualTo(State.OK);
            assertThat(cluster.summary()).contains("3 masters, 3 replicas");
            assertThat(found.get("redis-eviction").state()).isEqualTo(State.WARNING);
            assertThat(found.get("redis-eviction").summary()).contains("1 of 3").contains("" + topology.masterPort(2));
            assertThat(found.get("redis-rights").state()).isEqualTo(State.OK);
            assertThat(found.get("redis-keys").summary()).contains("rm:users:{bob}:messages is a string");
            Finding alone = examine(RedisSettings.of("redis://127.0.0.1:" + topology.masterPort(0)))
                    .get("redis-role");
            assertThat(alone.command().orElseThrow()).contains("--redis-cluster true");
            topology.killMaster(0);
            Await.until("the loss is noticed", RedisTopology.LIMIT, () -> {
                Found now = examine(settings);
                return now.has("redis-cluster") && now.get("redis-cluster").state() != State.OK;
            });
        }
    }
}

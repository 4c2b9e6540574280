package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.Test;

/** That the servers which other tests mistreat do what those rely on. */
class TopologiesIT {

    @Test
    void sentinelsShouldReplaceAMasterThatIsGone() {
        try (SentinelTopology topology = SentinelTopology.start()) {
            topology.askMaster(redis -> redis.set("k", "v"));
            topology.awaitReplicas();
            int old = topology.killMaster();
            topology.awaitFailover(old);
            assertThat(topology.<String>askMaster(redis -> redis.get("k"))).isEqualTo("v");
            topology.restartDead();
            topology.awaitReplicas();
        }
    }

    @Test
    void aClusterShouldMoveSlotsAndReplaceAMaster() {
        try (ClusterTopology topology = ClusterTopology.start()) {
            int from = topology.shardOf("k");
            int to = (from + 1) % ClusterTopology.SHARDS;
            topology.askMaster(from, redis -> redis.set("k", "v"));
            topology.moveSlot(from, to, SlotHash.getSlot("k"));
            assertThat(topology.shardOf("k")).isEqualTo(to);
            assertThat(topology.<String>askMaster(to, redis -> redis.get("k"))).isEqualTo("v");
            assertThat(topology.moveSlots(from, to, 3)).hasSize(3);
            int old = topology.killMaster(0);
            topology.awaitFailover(0, old);
            topology.restartDead();
            topology.awaitHealthy();
            assertThat(topology.masterPort(0)).isNotEqualTo(old);
        }
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Failover by Sentinel, seen from two nodes. */
class RedisSentinelIT {

    private static final UserId ANN = new UserId("ann");
    private static final UserId BOB = new UserId("bob");
    private static final Duration FAILOVER = Duration.ofSeconds(20);

    private final SentinelTopology topology = SentinelTopology.start();
    private final List<RedisAdapter> adapters = new ArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private RedisAdapter here;
    private RedisAdapter there;

    @BeforeEach
    void start() {
        here = node("here");
        there = node("there");
        here.signals().listen(new RecordedSignals(events));
    }

    private RedisAdapter node(String name) {
        RedisAdapter adapter =
                new RedisAdapter(RedisSettings.of(topology.uri()), name, new CountingTelemetry(), Clock.systemUTC());
        Await.value(adapter.start());
        adapters.add(adapter);
        return adapter;
    }

    @AfterEach
    void stop() {
        topology.resume();
        adapters.forEach(adapter -> Await.value(adapter.stop()));
        topology.close();
    }

    private void awaitBack() {
        Await.until(
                "both nodes are back",
                FAILOVER,
                () -> here.signals().isStoreAvailable() && there.signals().isStoreAvailable());
    }

    @Test
    void nodesShouldFollowTheMasterWhenItDies() {
        assertThat(here.address()).isEqualTo("redis://127.0.0.1:" + topology.masterPort());
        Await.value(here.inbox().attach(BOB, Publishing.POLICY, Publishing.NOBODY));
        Publishing.append(there.inbox(), ANN, 0, 20);
        topology.awaitReplicas();
        int old = topology.killMaster();
        List<String> stored = Publishing.appendWithRepeats(there.inbox(), ANN, 20, 40, FAILOVER);
        topology.awaitFailover(old);
        awaitBack();
        assertThat(here.address())
                .isEqualTo(there.address())
                .isEqualTo("redis://127.0.0.1:" + topology.masterPort())
                .isNotEqualTo("redis://127.0.0.1:" + old);
        assertThat(stored).hasSize(20);
        assertThat(Publishing.ids(here.inbox(), ANN)).containsExactlyElementsOf(Publishing.names(0, 40));
        assertThat(events).startsWith("lost").endsWith("restored");
        Publishing.append(there.inbox(), BOB, 0, 1);
        Await.until("signals are heard at the new master", () -> events.contains("m0"));

        topology.restartDead();
        topology.awaitReplicas();
        topology.killMaster();
        Publishing.appendWithRepeats(there.inbox(), ANN, 40, 50, FAILOVER);
        awaitBack();
        assertThat(Publishing.ids(here.inbox(), ANN)).containsExactlyElementsOf(Publishing.names(0, 50));
    }

    @Test
    void nodesShouldLeaveAMasterThatStandsStill() {
        Await.value(here.inbox().attach(BOB, Publishing.POLICY, Publishing.NOBODY));
        int old = topology.pauseMaster();
        topology.awaitFailover(old);
        Await.until(
                "the nodes are at the new master",
                FAILOVER,
                () -> here.address().endsWith(":" + topology.masterPort())
                        && there.address().endsWith(":" + topology.masterPort()));
        awaitBack();
        topology.resume();
        Await.value(here.inbox().attach(BOB, Publishing.POLICY, Publishing.NOBODY));
        Publishing.append(there.inbox(), BOB, 0, 1);
        Await.until("signals are heard at the new master", () -> events.contains("m0"));
        assertThat(topology.<String>askMaster(redis -> redis.lindex("rm:users:bob:messages", 0)))
                .contains("m0");
    }

    @Test
    void anUnknownNameShouldBeSaid() {
        RedisAdapter adapter = new RedisAdapter(
                RedisSettings.of(topology.uri().replace("#mymaster", "#other")),
                "lost",
                new CountingTelemetry(),
                Clock.systemUTC());
        adapters.add(adapter);
        assertThat(Await.failure(adapter.start()))
                .hasMessageContaining("the sentinels know no master called other")
                .extracting("code")
                .isEqualTo(ErrorCode.STORE_REFUSED);
    }
}

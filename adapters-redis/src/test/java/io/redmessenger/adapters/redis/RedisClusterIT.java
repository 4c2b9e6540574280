package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.CredentialStoreContract;
import io.redmessenger.application.contract.GroupMembershipContract;
import io.redmessenger.application.contract.InboxContract;
import io.redmessenger.application.contract.LeasesContract;
import io.redmessenger.application.contract.NodeSignalsContract;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The contracts of what Redis provides, on a Redis Cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClusterIT {

    private final ClusterTopology cluster = ClusterTopology.start();
    private final RedisAdapter here = node("here");
    private final RedisAdapter there = node("there");

    private RedisAdapter node(String name) {
        return new RedisAdapter(
                RedisSettings.ofCluster(cluster.uri()), name, new CountingTelemetry(), Clock.systemUTC());
    }

    @BeforeAll
    void start() {
        Await.value(here.start());
        Await.value(there.start());
    }

    @BeforeEach
    void flush() {
        cluster.flush();
    }

    @AfterAll
    void stop() {
        cluster.resume();
        Await.value(here.stop());
        Await.value(there.stop());
        cluster.close();
    }

    private void set(String key, String value) {
        cluster.askMaster(cluster.shardOf(key), redis -> redis.set(key, value));
    }

    @Test
    void addressShouldBeThatOfTheMasterOfTheStream() {
        String master = "redis://127.0.0.1:" + cluster.masterPort(cluster.shardOf("rm:publish"));
        assertThat(here.address()).isEqualTo(master);
        assertThat(there.address()).isEqualTo(master);
    }

    @Nested
    class OfInbox implements InboxContract {

        @Override
        public Inbox inbox() {
            return here.inbox();
        }

        @Override
        public Inbox inboxOfAnotherNode() {
            return there.inbox();
        }

        @Override
        public void storeSomethingElse(UserId user) {
            set("rm:users:{" + user + "}:messages", "something else");
        }

        @Override
        public Leases leases() {
            return here.leases();
        }

        @Override
        public void elapse(Duration time) {}
    }

    @Nested
    class OfGroupMembership implements GroupMembershipContract {

        @Override
        public GroupMembership groups() {
            return here.groups();
        }

        @Override
        public void addDirectly(GroupId group, String member) {
            String key = "rm:channels:{" + group + "}:subscribers";
            cluster.askMaster(cluster.shardOf(key), redis -> redis.sadd(key, member));
        }

        @Override
        public void storeSomethingElse(GroupId group) {
            set("rm:channels:{" + group + "}:subscribers", "something else");
        }
    }

    @Nested
    class OfCredentialStore implements CredentialStoreContract {

        @Override
        public CredentialStore credentials() {
            return here.credentials();
        }

        @Override
        public void storeSomethingElse(UserId user) {
            String key = "rm:users:{" + user + "}:key";
            cluster.askMaster(cluster.shardOf(key), redis -> redis.rpush(key, "something else"));
        }
    }

    @Nested
    class OfLeases implements LeasesContract {

        @Override
        public Leases leases() {
            return here.leases();
        }

        @Override
        public Leases leasesOfAnotherNode() {
            return there.leases();
        }

        @Override
        public void letExpire(String name) {
            String key = "rm:lease:{rm:" + name + "}";
            int shard = cluster.shardOf(key);
            cluster.askMaster(shard, redis -> redis.pexpire(key, 1));
            Await.until("it is over", () -> cluster.<Long>askMaster(shard, redis -> redis.exists(key)) == 0);
        }
    }

    @Nested
    class OfNodeSignals implements NodeSignalsContract {

        @Override
        public NodeSignals signals() {
            return here.signals();
        }

        @Override
        public Inbox inbox() {
            return here.inbox();
        }

        @Override
        public Inbox inboxOfAnotherNode() {
            return there.inbox();
        }

        @Override
        public void loseStore() {
            cluster.pauseAll();
        }

        @Override
        public void restoreStore() {
            cluster.resume();
            cluster.awaitHealthy();
            Await.until("the other node is back too", () -> there.signals().isStoreAvailable());
        }
    }
}

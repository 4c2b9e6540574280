package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
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
import java.util.function.Function;
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

    private <T> T ask(String key, Function<RedisCommands<String, String>, T> question) {
        return cluster.askMaster(cluster.shardOf(key), question);
    }

    @Test
    void addressShouldBeThatOfTheMasterOfTheStream() {
        String master = "redis://127.0.0.1:" + cluster.masterPort(cluster.shardOf("rm:publish"));
        assertThat(here.address()).isEqualTo(master);
        assertThat(there.address()).isEqualTo(master);
    }

    /** What more than one contract asks of the nodes. */
    abstract class OfNodes {

        public Inbox inbox() {
            return here.inbox();
        }

        public Inbox inboxOfAnotherNode() {
            return there.inbox();
        }

        public Leases leases() {
            return here.leases();
        }
    }

    @Nested
    class OfInbox extends OfNodes implements InboxContract {

        @Override
        public void storeSomethingElse(UserId user) {
            String key = "rm:users:{" + user + "}:messages";
            ask(key, redis -> redis.set(key, "something else"));
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
            ask(key, redis -> redis.sadd(key, member));
        }

        @Override
        public void storeSomethingElse(GroupId group) {
            String key = "rm:channels:{" + group + "}:subscribers";
            ask(key, redis -> redis.set(key, "something else"));
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
            ask(key, redis -> redis.rpush(key, "something else"));
        }
    }

    @Nested
    class OfLeases extends OfNodes implements LeasesContract {

        @Override
        public Leases leasesOfAnotherNode() {
            return there.leases();
        }

        @Override
        public void letExpire(String name) {
            String key = "rm:lease:{rm:" + name + "}";
            ask(key, redis -> redis.pexpire(key, 1));
            Await.until("it is over", () -> ask(key, redis -> redis.exists(key) == 0));
        }
    }

    @Nested
    class OfNodeSignals extends OfNodes implements NodeSignalsContract {

        @Override
        public NodeSignals signals() {
            return here.signals();
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

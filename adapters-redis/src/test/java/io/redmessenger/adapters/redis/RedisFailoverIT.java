package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.redmessenger.adapters.redis.LiveNode.Client;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A master dies whose replica has not received the last writes, and the replica takes its place under the same address:
 * the positions of what is lost are given to other messages.
 */
class RedisFailoverIT {

    private static final UserId ANN = new UserId("ann");
    private static final String INBOX = "rm:users:ann:messages";

    private final RedisClient client = RedisClient.create();
    private final List<ConfiguredRedis> servers = new ArrayList<>();
    private final ConfiguredRedis master = server(List.of("appendonly no", "save \"\"", "repl-diskless-sync-delay 0"));
    private final ConfiguredRedis replica = server(List.of("appendonly no", "save \"\""));
    private final CuttableProxy address = new CuttableProxy(master.port());
    private final CuttableProxy replication = new CuttableProxy(master.port());

    private ConfiguredRedis server(List<String> lines) {
        ConfiguredRedis server = new ConfiguredRedis(client, false, lines);
        servers.add(server);
        return server;
    }

    @BeforeEach
    void start() {
        servers.forEach(ConfiguredRedis::start);
        servers.forEach(ConfiguredRedis::awaitAnswer);
        replica.ask(redis -> redis.sync().replicaof("127.0.0.1", replication.port()));
        Await.until(
                "replicated",
                () -> replica.info("replication", "master_link_status")
                        .orElse("")
                        .equals("up"));
    }

    @AfterEach
    void stop() {
        address.close();
        replication.close();
        servers.forEach(ConfiguredRedis::close);
        client.shutdown(0, 1, TimeUnit.SECONDS);
    }

    private String uri() {
        return "redis://127.0.0.1:" + address.port();
    }

    /** New connections lead to the server at {@code port}, and are no longer refused. */
    private static void lead(CuttableProxy proxy, int port) {
        proxy.target(port);
        proxy.heal();
    }

    private static void publish(ConfiguredRedis to, String prefix, int first, int last) {
        Await.until(
                "somebody listens",
                Duration.ofSeconds(10),
                () -> to.ask(redis -> redis.sync().pubsubNumpat()) == 1L);
        for (int i = first; i <= last; i++) {
            String payload = prefix + i;
            long heard = to.ask(redis -> redis.sync().publish("rm.users.ann", payload));
            assertThat(heard).isEqualTo(1);
        }
    }

    private static List<String> waiting(ConfiguredRedis in) {
        return in.ask(redis -> redis.sync().lrange(INBOX, 0, -1)).stream()
                .map(entry -> entry.replaceFirst(".*\"payload\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    /** What the replica has by now is all that it will have. */
    private void stopReplication() {
        long written = master.ask(redis -> redis.sync().waitForReplication(1, 5_000));
        assertThat(written).as("replicas that have everything so far").isEqualTo(1);
        replication.refuse();
    }

    private void failOver() {
        address.refuse();
        master.kill();
        replica.ask(redis -> redis.sync().replicaofNoOne());
    }

    @Test
    void aRewoundInboxShouldBeNoticedWhateverTookTheOldPositions() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client one = node.open(ANN);
            one.connection().awaitOpened();
            publish(master, "m", 1, 2);
            one.connection().awaitOffered(2);
            one.acknowledge();
            publish(master, "m", 3, 3);
            one.connection().awaitOffered(3);
            Await.until("m1 and m2 are gone", () -> waiting(master).equals(List.of("m3")));
            stopReplication();
            publish(master, "m", 4, 6);
            one.connection().awaitOffered(6);

            failOver();
            node.awaitLost();
            one.acknowledge(); // late, and by an old position
            long now = System.currentTimeMillis();
            replica.ask(redis -> {
                for (int position = 4;
                        position <= 9;
                        position++) { // as another node would append, past the old position
                    redis.sync()
                            .rpush(
                                    INBOX,
                                    "{\"id\":\"x" + position + "\",\"source\":\"rm.users.ann\",\"timestamp\":" + now
                                            + "," + "\"payload\":\"x" + position + "\"}");
                    redis.sync().hincrby("rm:users:ann:state", "s", 1);
                }
                return true;
            });
            lead(address, replica.port());
            node.awaitBack();
            one.acknowledgeUntil(13);
            assertThat(one.payloads().subList(6, 13)).containsExactly("m3", "x4", "x5", "x6", "x7", "x8", "x9");
            Await.until("all is done with", () -> waiting(replica).isEmpty());
            Await.until("the failover is reported", () -> node.telemetry.of(Event.STORE_CHANGED) == 1);
            assertThat(node.telemetry.of(Event.INBOX_REWOUND)).isEqualTo(1);
            assertThat(node.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isPositive();
            publish(replica, "y", 10, 12);
            one.acknowledgeUntil(16);
            assertThat(one.payloads().subList(13, 16)).containsExactly("y10", "y11", "y12");
            Await.until("all is done with", () -> waiting(replica).isEmpty());
            assertThat(one.connection().closed()).isEmpty();
        }
    }

    @Test
    void newMessagesShouldBeOfferedAndNotBeRemovedByOldAcknowledgements() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client fast = node.open(ANN);
            Client slow = node.open(ANN);
            fast.connection().awaitOpened();
            slow.connection().awaitOpened();
            publish(master, "m", 1, 3);
            slow.connection().awaitOffered(3);
            stopReplication();
            publish(master, "m", 4, 4);
            fast.connection().awaitOffered(4);
            fast.acknowledge();
            Await.until("all acknowledged", () -> waiting(master).isEmpty());
            publish(master, "m", 5, 6);
            fast.connection().awaitOffered(6);

            failOver();
            node.awaitLost();
            lead(address, replica.port());
            node.awaitBack();
            publish(replica, "x", 4, 6);
            fast.connection().awaitOffered(12);
            assertThat(fast.payloads().subList(6, 12)).containsExactly("m1", "m2", "m3", "x4", "x5", "x6");
            slow.acknowledgeUntil(slow.payloads().size());
            fast.acknowledge();
            slow.acknowledge();
            Await.until("all is done with", () -> {
                slow.acknowledge();
                return waiting(replica).isEmpty();
            });
            assertThat(slow.payloads()).containsSubsequence("x4", "x5", "x6");
            assertThat(node.telemetry.of(Event.INBOX_REWOUND)).isEqualTo(1);
            // three; fewer are known for sure when others have their positions before anybody looks
            assertThat(node.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isBetween(1L, 3L);
        }
    }

    @Test
    void aFailoverThatLosesNothingShouldRepeatNothing() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client one = node.open(ANN);
            one.connection().awaitOpened();
            publish(master, "m", 1, 3);
            one.connection().awaitOffered(3);
            stopReplication();
            failOver();
            node.awaitLost();
            lead(address, replica.port());
            node.awaitBack();
            publish(replica, "m", 4, 5);
            one.acknowledgeUntil(5);
            assertThat(one.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5");
            Await.until("all is done with", () -> waiting(replica).isEmpty());
            Await.until("the failover is reported", () -> node.telemetry.of(Event.STORE_CHANGED) == 1);
            assertThat(node.telemetry.of(Event.INBOX_REWOUND)).isZero();
            assertThat(node.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isZero();
        }
    }

    @Test
    void aMasterThatBecomesAReplicaAndKeepsItsConnectionsShouldBeLeft() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client one = node.open(ANN);
            one.connection().awaitOpened();
            publish(master, "m", 1, 3);
            one.connection().awaitOffered(3);
            one.acknowledge();
            Await.until("all is done with", () -> waiting(master).isEmpty());
            long written = master.ask(redis -> redis.sync().waitForReplication(1, 5_000));
            assertThat(written).isEqualTo(1);
            lead(address, replica.port()); // for new connections; the others stay
            replica.ask(redis -> redis.sync().replicaofNoOne());
            master.ask(redis -> redis.sync().replicaof("127.0.0.1", replica.port()));
            node.awaitLost();
            node.awaitBack();
            for (String payload : List.of("m4", "m5", "m6")) { // subscriptions hear by way of the former master
                replica.ask(redis -> redis.sync().publish("rm.users.ann", payload));
            }
            one.acknowledgeUntil(6);
            assertThat(one.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5", "m6");
            Await.until("all is done with", () -> waiting(replica).isEmpty());
            assertThat(node.telemetry.of(Event.PUBLICATION_LOST)).isZero();
        }
    }

    @Test
    void withMinReplicasNothingShouldBeAcceptedThatNoReplicaHas() {
        master.ask(redis -> redis.sync().configSet("min-replicas-to-write", "1"));
        master.ask(redis -> redis.sync().configSet("min-replicas-max-lag", "1"));
        try (LiveNode node = LiveNode.start(uri())) {
            Client one = node.open(ANN);
            one.connection().awaitOpened();
            publish(master, "m", 1, 2);
            one.connection().awaitOffered(2);
            stopReplication();
            node.awaitLost(); // the replica lags by more than a second: writes are refused
            assertThat(node.telemetry.of(Event.STORE_REFUSING)).isEqualTo(1);
            List<String> kept = waiting(master);
            publish(master, "m", 3, 5); // heard, and waiting in the node's memory
            Client another = node.open(new UserId("bob"));
            assertThat(another.connection().awaitClosed().name()).isEqualTo("STORE_UNAVAILABLE");

            failOver();
            lead(address, replica.port());
            node.awaitBack();
            one.acknowledgeUntil(5);
            assertThat(kept).containsExactly("m1", "m2");
            assertThat(one.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5");
            assertThat(node.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isZero();
            assertThat(node.telemetry.of(Event.PUBLICATION_LOST)).isZero();
            Await.until(
                    "all is done with",
                    Duration.ofSeconds(20),
                    () -> waiting(replica).isEmpty());
        }
    }

    @Test
    void aMessageShouldCountAsStoredOnlyOnceReplicasHaveConfirmedIt() {
        RedisSettings waiting = new RedisSettings(
                uri(), false, Optional.empty(), OptionalInt.empty(), Duration.ofSeconds(2), 1_000, Optional.empty(), 1);
        try (LiveNode node = LiveNode.start(waiting)) {
            Client one = node.open(ANN);
            one.connection().awaitOpened();
            publish(master, "m", 1, 2);
            one.connection().awaitOffered(2);
            assertThat(waiting(replica)).containsExactly("m1", "m2");
            replication.refuse();
            Message unconfirmed = new Message(new MessageId("u"), "rm.users.bob", 1, new Payload("u"));
            List<UserId> bob = List.of(new UserId("bob"));
            assertThat(Await.failure(node.adapter.inbox().append(unconfirmed, bob, LiveNode.POLICY, false))
                            .code())
                    .isEqualTo(ErrorCode.STORE_REFUSED);
            publish(master, "m", 3, 5);
            Await.until("it is stored at the master", () -> waiting(master).contains("m3"));
            assertThat(one.payloads()).containsExactly("m1", "m2");

            lead(replication, master.port());
            one.acknowledgeUntil(5);
            assertThat(one.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5");
            assertThat(((AppendResult.Stored)
                                    Await.value(node.adapter.inbox().append(unconfirmed, bob, LiveNode.POLICY, true))
                                            .get(0))
                            .repeated())
                    .isTrue();

            replication.refuse();
            publish(master, "m", 6, 8);
            Await.until("one is stored at the master", () -> waiting(master).contains("m6"));
            failOver();
            master.start(); // as the replica of the new master: else nobody would confirm
            master.awaitAnswer();
            master.ask(redis -> redis.sync().replicaof("127.0.0.1", replica.port()));
            lead(address, replica.port());
            node.awaitBack();
            one.acknowledgeUntil(8);
            assertThat(one.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8");
            assertThat(node.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isZero();
            assertThat(node.telemetry.of(Event.PUBLICATION_LOST)).isZero();
        }
    }
}

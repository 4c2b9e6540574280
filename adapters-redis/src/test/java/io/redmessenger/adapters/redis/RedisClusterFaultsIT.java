package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Redis Cluster whose slots move and whose masters die, seen from two nodes. */
class RedisClusterFaultsIT {

    private static final UserId ANN = new UserId("ann");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<UserId> USERS =
            IntStream.range(0, 30).mapToObj(i -> new UserId("user" + i)).toList();

    private static final int MOVES = 12;

    private final ClusterTopology cluster = ClusterTopology.start();
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
        RedisAdapter adapter = new RedisAdapter(
                RedisSettings.ofCluster(cluster.uri()), name, new CountingTelemetry(), Clock.systemUTC());
        Await.value(adapter.start());
        adapters.add(adapter);
        return adapter;
    }

    @AfterEach
    void stop() {
        cluster.resume();
        adapters.forEach(adapter -> Await.value(adapter.stop()));
        cluster.close();
    }

    private static int slot(UserId user) {
        return SlotHash.getSlot("rm:users:{" + user + "}:messages");
    }

    private void awaitBack() {
        Await.until(
                "both nodes are back",
                LIMIT,
                () -> here.signals().isStoreAvailable() && there.signals().isStoreAvailable());
    }

    @Test
    void nothingShouldBeLostOrChangePlacesWhileSlotsMove() {
        AtomicBoolean stopped = new AtomicBoolean();
        Map<UserId, List<String>> read = new ConcurrentHashMap<>();
        USERS.forEach(user -> read.put(user, new CopyOnWriteArrayList<>()));
        CompletableFuture<Void> readers = CompletableFuture.runAsync(() -> {
            while (!stopped.get()) {
                read.forEach(this::read);
            }
        });
        CompletableFuture<Void> mover = CompletableFuture.runAsync(() -> {
            for (UserId user : USERS.subList(0, MOVES)) {
                int from = cluster.shardOf(slot(user));
                cluster.moveSlot(from, (from + 1) % ClusterTopology.SHARDS, slot(user));
                cluster.awaitAgreement();
            }
        });
        // several on their way at a time: what is behind something redirected must not pass it
        int count = 0;
        while (!mover.isDone() || count < 100) {
            List<CompletableFuture<List<AppendResult>>> appends = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                appends.add(here.inbox()
                        .append(Publishing.message(count++), USERS, Publishing.POLICY, false)
                        .toCompletableFuture());
            }
            assertThat(appends)
                    .allSatisfy(append -> assertThat(Await.value(append)).hasSize(USERS.size()));
            int before = Math.max(0, count - 100);
            Await.until(
                    "the readers are not far behind",
                    LIMIT,
                    () -> readers.isDone() || read.values().stream().allMatch(list -> list.size() >= before));
        }
        Await.value(mover);
        int all = count;
        Await.until(
                "all is read",
                LIMIT,
                () -> readers.isDone() || read.values().stream().allMatch(list -> list.size() >= all));
        stopped.set(true);
        Await.value(readers);
        for (UserId user : USERS) {
            assertThat(read.get(user)).as("read by %s", user).containsExactlyElementsOf(Publishing.names(0, all));
            assertThat(Publishing.ids(here.inbox(), user)).isEmpty();
        }
    }

    /** Attaches, reads and acknowledges what waits, and detaches, as a connection that comes and goes. */
    private void read(UserId user, List<String> read) {
        Attachment attachment = Await.value(there.inbox().attach(user, Publishing.POLICY, Publishing.NOBODY));
        Page page = Await.value(there.inbox().page(user, attachment.epoch(), attachment.first(), 100))
                .orElseThrow();
        List<Delivery.Queued> found = page.queued();
        found.forEach(one -> read.add(one.message().id().value()));
        if (!found.isEmpty()) {
            Delivery.Queued last = found.get(found.size() - 1);
            Progress progress = new Progress(
                    user,
                    attachment.epoch(),
                    Optional.of(new Mark(last.position(), last.message().id())),
                    last.position(),
                    0);
            assertThat(Await.value(there.inbox().acknowledge(progress))).isTrue();
            Await.value(there.inbox().detach(progress, last.position()));
        } else {
            Await.value(there.inbox()
                    .detach(new Progress(user, attachment.epoch(), Optional.empty(), attachment.last(), 0), 0));
        }
    }

    @Test
    void nodesShouldGoOnWhenAReplicaTakesOver() {
        int shard = cluster.shardOf("rm:users:{ann}:messages");
        Await.value(here.inbox().attach(ANN, Publishing.POLICY, Publishing.NOBODY));
        Publishing.append(there.inbox(), ANN, 0, 20);
        Await.until("signals", () -> events.size() == 20);
        cluster.awaitReplicas(shard);
        int old = cluster.killMaster(shard);
        List<String> stored = Publishing.appendWithRepeats(there.inbox(), ANN, 20, 40, LIMIT);
        assertThat(stored).hasSize(20);
        cluster.awaitFailover(shard, old);
        Await.until("the node looks at its users afresh", LIMIT, () -> events.contains("restored"));
        awaitBack();
        assertThat(Publishing.ids(here.inbox(), ANN)).containsExactlyElementsOf(Publishing.names(0, 40));
        Await.value(here.inbox().attach(ANN, Publishing.POLICY, Publishing.NOBODY));
        Publishing.append(there.inbox(), ANN, 40, 41);
        Await.until("signals again", () -> events.contains("m40"));
    }

    @Test
    void whoHasAMessageShouldNotGetItAgainWhileTheServerOfOthersIsAway() {
        int away = (cluster.shardOf("rm:publish") + 1) % ClusterTopology.SHARDS;
        UserId reached = userOn(away, false);
        UserId unreached = userOn(away, true);
        Attachment attachment = Await.value(here.inbox().attach(reached, Publishing.POLICY, Publishing.NOBODY));
        cluster.awaitReplicas(away);
        int old = cluster.killMaster(away);
        Message message = Publishing.message(0);
        List<UserId> both = List.of(reached, unreached);
        PortException failure = Await.failure(here.inbox().append(message, both, Publishing.POLICY, false));
        assertThat(failure.code().retryable()).isTrue();
        assertThat(Publishing.ids(here.inbox(), reached)).containsExactly("m0");
        Mark mark = new Mark(1, message.id());
        Await.value(here.inbox().acknowledge(new Progress(reached, attachment.epoch(), Optional.of(mark), 1, 0)));
        cluster.awaitFailover(away, old);
        Await.until("it is stored for the other too", LIMIT, () -> succeeds(message, both));
        assertThat(Publishing.ids(here.inbox(), unreached)).containsExactly("m0");
        assertThat(Publishing.ids(here.inbox(), reached)).isEmpty();
    }

    private boolean succeeds(Message message, List<UserId> users) {
        return Await.value(here.inbox()
                .append(message, users, Publishing.POLICY, true)
                .handle((results, failure) -> failure == null && results.size() == users.size()));
    }

    private UserId userOn(int shard, boolean on) {
        return USERS.stream()
                .filter(user -> (cluster.shardOf("rm:users:{" + user + "}:messages") == shard) == on)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void nodesShouldMoveWithTheServerTheyListenAt() {
        int shard = cluster.shardOf("rm:publish");
        Await.value(here.inbox().attach(ANN, Publishing.POLICY, Publishing.NOBODY));
        cluster.moveSlot(shard, (shard + 1) % ClusterTopology.SHARDS, SlotHash.getSlot("rm:publish"));
        int moved = (shard + 1) % ClusterTopology.SHARDS;
        Await.until(
                "both have moved",
                LIMIT,
                () -> here.address().endsWith(":" + cluster.masterPort(moved))
                        && there.address().endsWith(":" + cluster.masterPort(moved)));
        awaitBack();
        cluster.awaitReplicas(moved);
        int old = cluster.killMaster(moved);
        cluster.awaitFailover(moved, old);
        Await.until(
                "both have moved again",
                LIMIT,
                () -> here.address().endsWith(":" + cluster.masterPort(moved))
                        && there.address().endsWith(":" + cluster.masterPort(moved)));
        awaitBack();
        events.clear();
        Await.value(here.inbox().attach(ANN, Publishing.POLICY, Publishing.NOBODY));
        Publishing.append(there.inbox(), ANN, 0, 1);
        Await.until("signals are heard", () -> events.contains("m0"));
    }

    @Test
    void registrationsOfADeadNodeShouldBeRemoved() {
        RedisAdapter dying = node("dying");
        Attachment attachment = Await.value(dying.inbox().attach(ANN, Publishing.POLICY, Publishing.NOBODY));
        String state = "rm:users:{ann}:state";
        int shard = cluster.shardOf(state);
        Await.value(dying.stop());
        adapters.remove(dying);
        RedisAdapter late = node("late"); // has never known the one that died
        Await.until("it is dead", LIMIT, () -> {
            Await.value(late.inbox().attach(ANN, Publishing.POLICY, Publishing.NOBODY));
            return !cluster.<Boolean>askMaster(shard, redis -> redis.hexists(state, "n:" + dying.node()));
        });
        assertThat(cluster.<Boolean>askMaster(shard, redis -> redis.hexists(state, "n:" + late.node())))
                .isTrue();
        Publishing.append(here.inbox(), ANN, 0, 1);
        assertThat(Await.value(here.inbox().append(Publishing.message(1), List.of(ANN), Publishing.POLICY, false)))
                .singleElement()
                .isInstanceOfSatisfying(
                        AppendResult.Stored.class,
                        stored -> assertThat(stored.place().epoch()).isEqualTo(attachment.epoch()));
    }

    @Test
    void theStreamShouldBeReadAndWhatIsWrongBuried() {
        List<String> heard = new CopyOnWriteArrayList<>();
        Publisher publisher = publication -> {
            heard.add(publication.message().payload().text());
            return CompletableFuture.completedFuture(new Publisher.Receipt(1, 0, 0));
        };
        Await.value(here.startIngress(publisher, new MessageIds(1)));
        Await.value(there.startIngress(publisher, new MessageIds(2)));
        int shard = cluster.shardOf("rm:publish");
        cluster.askMaster(shard, redis -> redis.xadd("rm:publish", "to", "rm.users.ann", "payload", "one", "id", "a"));
        cluster.askMaster(shard, redis -> redis.xadd("rm:publish", "to", "nobody", "payload", "wrong"));
        cluster.askMaster(shard, redis -> redis.xadd("rm:publish", "to", "rm.users.ann", "payload", "two", "id", "b"));
        cluster.askMaster(shard, redis -> redis.xadd("rm:publish", "to", "rm.users.ann", "payload", "one", "id", "a"));
        Await.until("all is done with", () -> cluster.<Long>askMaster(shard, redis -> redis.xlen("rm:publish")) == 0);
        assertThat(heard).containsExactly("one", "two");
        int dead = cluster.shardOf("rm:dead");
        assertThat(cluster.<Long>askMaster(dead, redis -> redis.xlen("rm:dead")))
                .isEqualTo(1);
        // published anywhere, heard at one server
        cluster.askMaster((shard + 1) % ClusterTopology.SHARDS, redis -> redis.publish("rm.users.ann", "three"));
        Await.until("it is heard", () -> heard.contains("three"));
    }
}

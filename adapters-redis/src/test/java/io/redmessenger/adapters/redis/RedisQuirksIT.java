package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.redmessenger.adapters.redis.LiveNode.Client;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.recipient.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Redis does to its clients in production, done to a node with a live connection, on a server of its own. */
class RedisQuirksIT {

    private static final UserId ANN = new UserId("ann");
    private static final UserId BOB = new UserId("bob");
    private static final String INBOX = "rm:users:ann:messages";

    private final RedisClient client = RedisClient.create();
    private ConfiguredRedis server = new ConfiguredRedis(
            client, false, List.of("appendonly yes", "save \"\"", "enable-debug-command local", "loglevel warning"));

    @BeforeEach
    void start() {
        server.start();
        server.awaitAnswer();
    }

    @AfterEach
    void stop() {
        server.close();
        client.shutdown(0, 1, TimeUnit.SECONDS);
    }

    private String uri() {
        return "redis://127.0.0.1:" + server.port();
    }

    private RedisCommands<String, String> redis() {
        return server.ask(StatefulRedisConnection::sync);
    }

    private void publish(int first, int last) {
        Await.until("the node listens", () -> redis().pubsubNumpat() > 0);
        for (int i = first; i <= last; i++) {
            assertThat(redis().publish("rm.users.ann", "m" + i)).isPositive();
        }
    }

    private static List<String> messages(int last) {
        return IntStream.rangeClosed(1, last).mapToObj(i -> "m" + i).toList();
    }

    private List<String> waiting() {
        return redis().lrange(INBOX, 0, -1).stream()
                .map(entry -> entry.replaceFirst(".*\"payload\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private void debug(String... words) {
        CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
        for (String word : words) {
            arguments.add(word);
        }
        assertThat(redis().dispatch(new Word("DEBUG"), new StatusOutput<>(StringCodec.UTF8), arguments))
                .isEqualTo("OK");
    }

    private record Word(String text) implements ProtocolKeyword {
        @Override
        public byte[] getBytes() {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Redis begins to refuse; what is heard meanwhile waits, and nothing else is disturbed. */
    private void whileRefusing(
            Consumer<RedisCommands<String, String>> begin, Consumer<RedisCommands<String, String>> end) {
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 3);
            ann.connection().awaitOffered(3);
            begin.accept(redis());
            publish(4, 40);
            ann.acknowledge();
            node.awaitLost();
            assertThat(node.open(BOB).connection().awaitClosed()).isEqualTo(CloseReason.STORE_UNAVAILABLE);
            publish(41, 60);
            end.accept(redis());
            node.awaitBack();
            ann.acknowledgeUntil(60);
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(60));
            Await.until("all is done with", () -> waiting().isEmpty());
            assertThat(node.open(BOB).connection().awaitOpened()).isZero();
            assertThat(ann.connection().closed()).isEmpty();
            assertThat(node.telemetry.of(Event.PUBLICATION_LOST)).isZero();
            assertThat(node.telemetry.of(Event.STORE_LOST) + node.telemetry.of(Event.STORE_REFUSING))
                    .isPositive();
            assertThat(node.telemetry.of(Event.INBOX_REWOUND)).isZero();
        }
    }

    @Test
    void readOnlyShouldBeWaitedOut() {
        whileRefusing(redis -> redis.replicaof("127.0.0.1", 1), RedisCommands::replicaofNoOne);
    }

    @Test
    void aFullRedisShouldBeWaitedOut() {
        redis().configSet("maxmemory-policy", "noeviction");
        whileRefusing(redis -> redis.configSet("maxmemory", "1"), redis -> redis.configSet("maxmemory", "0"));
    }

    @Test
    void aRedisThatCannotSaveShouldBeWaitedOut() {
        whileRefusing(
                redis -> {
                    redis.configSet("save", "1000000 1"); // else nobody asks whether it could
                    redis.set("something", "to save");
                    failToSave(redis);
                },
                redis -> redis.configSet("stop-writes-on-bgsave-error", "no"));
    }

    /** Makes a background save fail: its child is killed. */
    private void failToSave(RedisCommands<String, String> redis) {
        redis.configSet("rdb-key-save-delay", "10000000");
        redis.bgsave();
        Await.until(
                "the child runs",
                () -> server.info("persistence", "rdb_bgsave_in_progress")
                        .orElse("")
                        .equals("1"));
        server.killChild();
        Await.until(
                "saving has failed",
                () -> server.info("persistence", "rdb_last_bgsave_status")
                        .orElse("")
                        .equals("err"));
        redis.configSet("rdb-key-save-delay", "0");
    }

    @Test
    void missingReplicasShouldBeWaitedOut() {
        whileRefusing(
                redis -> redis.configSet("min-replicas-to-write", "1"),
                redis -> redis.configSet("min-replicas-to-write", "0"));
    }

    @Test
    void aForeignScriptThatLoopsShouldBeWaitedOut() {
        redis().configSet("busy-reply-threshold", "100");
        try (LiveNode node = LiveNode.start(uri());
                StatefulRedisConnection<String, String> foreign = foreignConnection()) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 3);
            ann.connection().awaitOffered(3);
            foreign.setTimeout(Duration.ofMinutes(1));
            var looping = foreign.async().eval("while true do end", ScriptOutputType.STATUS);
            ann.acknowledge();
            node.awaitLost();
            assertThat(node.open(BOB).connection().awaitClosed()).isEqualTo(CloseReason.STORE_UNAVAILABLE);
            redis().scriptKill();
            node.awaitBack();
            publish(4, 20);
            ann.acknowledgeUntil(20);
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(20));
            Await.until("all is done with", () -> waiting().isEmpty());
            Await.until(
                    "the script has ended", () -> looping.toCompletableFuture().isDone());
        }
    }

    private StatefulRedisConnection<String, String> foreignConnection() {
        return client.connect(io.lettuce.core.RedisURI.create(uri()));
    }

    @Test
    void aPausedRedisShouldBeWaitedOut() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 10);
            ann.acknowledge();
            redis().clientPause(6_000); // long enough for the connection to be replaced
            node.awaitLost();
            node.awaitBack();
            publish(11, 20);
            ann.acknowledgeUntil(20);
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(20));
            Await.until("all is done with", () -> waiting().isEmpty());
        }
    }

    @Test
    void aLoadingRedisShouldBeWaitedOut() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 3);
            ann.connection().awaitOffered(3);
            debug("POPULATE", "3000", "filler");
            redis().configSet("aof-use-rdb-preamble", "yes");
            redis().bgrewriteaof();
            Await.until(
                    "rewritten",
                    () -> server.info("persistence", "aof_rewrite_in_progress")
                                    .orElse("")
                                    .equals("0")
                            && server.info("persistence", "aof_rewrite_scheduled")
                                    .orElse("")
                                    .equals("0"));
            server.kill();
            node.awaitLost();
            ann.acknowledge();
            server.startWith("--key-load-delay", "1000"); // microseconds for each key: 3 s and more
            Await.until("it answers that it is loading", () -> answersLoading());
            assertThat(node.isAvailable()).isFalse();
            assertThat(node.open(BOB).connection().awaitClosed()).isEqualTo(CloseReason.STORE_UNAVAILABLE);
            node.awaitBack();
            publish(4, 20);
            ann.acknowledgeUntil(20);
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(20));
            Await.until("all is done with", () -> waiting().isEmpty());
            assertThat(node.telemetry.of(Event.INBOX_REWOUND)).isZero();
            Await.until("the restart is reported", () -> node.telemetry.of(Event.STORE_CHANGED) == 1);
        }
    }

    private boolean answersLoading() {
        return RedisPing.answer("127.0.0.1", server.port(), "PING").startsWith("-LOADING");
    }

    @Test
    void forgottenScriptsShouldKeepTheOrderAndBeCarriedOutOnce() throws InterruptedException {
        try (LiveNode node = LiveNode.start(uri());
                StatefulRedisConnection<String, String> foreign = foreignConnection()) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            CountDownLatch published = new CountDownLatch(1);
            Thread flushing = new Thread(() -> {
                while (published.getCount() > 0) {
                    foreign.sync().scriptFlush();
                }
            });
            flushing.start();
            publish(1, 1_000);
            ann.acknowledgeUntil(1_000);
            published.countDown();
            flushing.join();
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(1_000));
            Await.until("all is done with", () -> waiting().isEmpty());
        }
    }

    @Test
    void aRedisWithoutConfigAndOtherAdministrativeCommandsShouldDo() {
        server.close();
        server = new ConfiguredRedis(
                client,
                false,
                List.of(
                        "appendonly no",
                        "rename-command CONFIG \"\"",
                        "rename-command DEBUG \"\"",
                        "rename-command SHUTDOWN \"\"",
                        "rename-command SCRIPT \"\"",
                        "user default on nopass ~* &* +@all -@dangerous -client|kill -client|id -info"));
        server.start();
        server.awaitAnswer();
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 20);
            ann.acknowledgeUntil(20);
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(20));
            Await.until("all is done with", () -> waiting().isEmpty());
        }
    }

    @Test
    void killedConnectionsShouldBeOpenedAgainAndLoseNothingThatWasHeard() {
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            for (int round = 0; round < 5; round++) {
                publish(round * 20 + 1, round * 20 + 20);
                redis().clientKill(KillArgs.Builder.typeNormal().skipme());
                ann.acknowledge();
                node.awaitBack();
            }
            ann.acknowledgeUntil(100);
            assertThat(ann.payloads()).containsExactlyElementsOf(messages(100));
            Await.until("all is done with", () -> waiting().isEmpty());
        }
    }

    @Test
    void aSubscriptionThatIsCutOffForItsLagShouldBeReportedAndOpenedAgain() {
        redis().configSet("client-output-buffer-limit", "pubsub 1mb 512kb 1");
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 3);
            ann.connection().awaitOffered(3);
            String large = "x".repeat(60_000);
            redis().eval( // more than the limit, before anybody can read
                            "for i = 1, 100 do redis.call('PUBLISH', 'rm.users.ann', ARGV[1]) end return 'OK'",
                            ScriptOutputType.STATUS,
                            new String[0],
                            large);
            Await.until("the gap is counted", () -> node.telemetry.of(Event.SUBSCRIPTION_GAP) >= 1);
            Await.until("it hears again", () -> redis().pubsubNumpat() == 1);
            node.awaitBack();
            long heard = heardOf(node, ann, large);
            assertThat(redis().publish("rm.users.ann", "last")).isEqualTo(1);
            Await.until("the last arrives", () -> {
                ann.acknowledge();
                return ann.payloads().contains("last");
            });
            assertThat(heard).isLessThan(100);
            Await.until("all is done with", () -> {
                ann.acknowledge();
                return waiting().isEmpty();
            });
        }
    }

    private static long heardOf(LiveNode node, Client client, String payload) {
        assertThat(node.isAvailable()).isTrue();
        return client.payloads().stream().filter(payload::equals).count();
    }

    @Test
    void aFullRedisShouldNotChangeTheOrderOfWhatItTakesAndWhatItRefuses() {
        redis().configSet("maxmemory-policy", "noeviction");
        try (LiveNode node = LiveNode.start(uri())) {
            List<String> expected = new ArrayList<>();
            for (int round = 0; round < 30; round++) {
                long used = Long.parseLong(server.info("memory", "used_memory").orElseThrow());
                redis().configSet("maxmemory", Long.toString(used + 40_000)); // room for a few
                for (int i = 0; i < 20; i++) {
                    String payload = round + "-" + i + "-" + "x".repeat(i % 2 == 0 ? 4_000 : 10);
                    expected.add(payload);
                    redis().publish("rm.users.ann", payload);
                }
            }
            Await.until("it refuses", () -> waiting().size() < expected.size());
            redis().configSet("maxmemory", "0");
            Await.until("all are stored", () -> waiting().size() >= expected.size());
            assertThat(waiting()).containsExactlyElementsOf(expected);
            node.awaitBack();
        }
    }

    @Test
    void acknowledgementsShouldFreeAFullRedis() {
        redis().configSet("maxmemory-policy", "noeviction");
        try (LiveNode node = LiveNode.start(uri())) {
            Client ann = node.open(ANN);
            ann.connection().awaitOpened();
            publish(1, 3);
            ann.connection().awaitOffered(3);
            redis().configSet("maxmemory", "1");
            ann.acknowledge();
            Await.until("what is done with is removed", () -> waiting().isEmpty());
            redis().configSet("maxmemory", "0");
            node.awaitBack();
        }
    }

    @Test
    void startShouldSayWhyRedisIsOfNoUse() {
        redis().replicaof("127.0.0.1", 1);
        RedisAdapter adapter =
                new RedisAdapter(RedisSettings.of(uri()), "n", (event, amount) -> {}, java.time.Clock.systemUTC());
        var failure = Await.failure(adapter.start());
        assertThat(failure.code()).isEqualTo(ErrorCode.STORE_REFUSED);
        assertThat(failure).hasMessageContaining("READONLY");
        Await.value(adapter.stop());
        redis().replicaofNoOne();
    }
}

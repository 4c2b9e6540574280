package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisOutageIT {

    private static final UserId ANN = new UserId("ann");
    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 100_000);
    private static final Presence NOBODY = new Presence(List.of(), 6);

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private final Nodes nodes = new Nodes(REDIS);

    @BeforeEach
    void start() {
        nodes.start();
    }

    @AfterEach
    void stop() {
        REDIS.resume();
        nodes.stop();
    }

    private CompletionStage<List<AppendResult>> append(String id, boolean again) {
        Message message = new Message(new MessageId(id), "rm.users.ann", 1, new Payload("x"));
        return nodes.here().inbox().append(message, List.of(ANN), POLICY, again);
    }

    private long pending() {
        return REDIS.redis().llen("rm:users:ann:messages");
    }

    @Test
    void everyCallShouldFailAtOnceWhileRedisIsGone() {
        Await.value(append("m1", false));
        REDIS.stop();
        Await.until("the loss is noticed", () -> !nodes.here().signals().isStoreAvailable());
        long before = System.nanoTime();
        assertThat(Await.failure(append("m2", false)).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Await.failure(nodes.here().inbox().attach(ANN, POLICY, NOBODY))
                        .code())
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Await.failure(nodes.here().groups().size(new GroupId("c"))).code())
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Await.failure(nodes.here().credentials().credentialOf(ANN)).code())
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
        REDIS.start();
        Await.until("it is back", () -> nodes.here().signals().isStoreAvailable());
        Await.value(append("m3", false));
        assertThat(pending()).isEqualTo(2);
    }

    @Test
    void whatIsRepeatedAfterAPauseShouldNotBeStoredTwice() {
        Await.value(append("m0", false));
        REDIS.pause();
        List<CompletionStage<?>> stages = new ArrayList<>();
        for (int i = 1; i <= 3_000; i++) {
            stages.add(append("m" + i, false));
        }
        long before = System.nanoTime();
        for (CompletionStage<?> stage : stages) {
            assertThat(Await.failure(stage).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
        REDIS.resume();
        Await.until("it is back", () -> nodes.here().signals().isStoreAvailable());
        stages.clear();
        for (int i = 1; i <= 3_000; i++) {
            stages.add(append("m" + i, true));
        }
        stages.forEach(Await::value);
        assertThat(pending()).isEqualTo(3_001);
    }

    @Test
    void whatIsInFlightWhenAConnectionBreaksShouldNotBeSentAgain() {
        List<String> stored = new ArrayList<>();
        int failed = 0;
        for (int round = 0; round < 20; round++) {
            Map<String, CompletionStage<?>> stages = new LinkedHashMap<>();
            for (int i = 0; i < 300; i++) {
                String id = "m" + round + "-" + i;
                stages.put(id, append(id, false));
                if (i == 150) {
                    REDIS.redis().clientKill(KillArgs.Builder.typeNormal().skipme());
                }
            }
            for (Map.Entry<String, CompletionStage<?>> stage : stages.entrySet()) {
                boolean done = stage.getValue()
                        .handle((reply, failure) -> failure == null)
                        .toCompletableFuture()
                        .join();
                if (done) {
                    stored.add(stage.getKey());
                } else {
                    failed++;
                }
            }
            Await.until("it is back", () -> nodes.here().signals().isStoreAvailable());
        }
        List<String> ids = REDIS.redis().lrange("rm:users:ann:messages", 0, -1).stream()
                .map(entry -> entry.replaceFirst("\\{\"id\":\"([^\"]*)\".*", "$1"))
                .toList();
        assertThat(ids).doesNotHaveDuplicates().containsAll(stored);
        assertThat(stored).isNotEmpty();
        assertThat(failed).isPositive();
    }

    @Test
    void aFullRedisShouldBeReportedAsRefusing() {
        REDIS.redis().configSet("maxmemory", "1");
        try {
            assertThat(Await.failure(append("m1", false)).code()).isEqualTo(ErrorCode.STORE_REFUSED);
        } finally {
            REDIS.redis().configSet("maxmemory", "0");
        }
        awaitAppended();
    }

    /** Not at once: what comes before all have been told of a failure fails too. */
    private void awaitAppended() {
        Await.until(
                "it is stored", () -> Await.value(append("m1", false).handle((results, failure) -> failure == null)));
    }

    @Test
    void aReadOnlyRedisShouldBeReportedAsRefusing() {
        REDIS.redis().replicaof("127.0.0.1", 1);
        try {
            assertThat(Await.failure(append("m1", false)).code()).isEqualTo(ErrorCode.STORE_REFUSED);
        } finally {
            REDIS.redis().replicaofNoOne();
        }
        awaitAppended();
    }

    @Test
    void startShouldSayThatThePasswordIsWrong() {
        REDIS.redis().configSet("requirepass", "right");
        try {
            REDIS.redis().auth("right");
            assertThat(codeOfStart(Optional.empty())).isEqualTo(ErrorCode.STORE_FORBIDDEN);
            assertThat(codeOfStart(Optional.of("wrong"))).isEqualTo(ErrorCode.STORE_FORBIDDEN);
            RedisAdapter adapter = adapter(REDIS.uri(), Optional.of("right"), OptionalInt.of(3));
            Await.value(adapter.start());
            Await.value(adapter.credentials().set(ANN, new io.redmessenger.domain.connection.Credential("k")));
            REDIS.redis().select(3);
            assertThat(REDIS.redis().get("rm:users:ann:key")).isEqualTo("k");
            Await.value(adapter.stop());
        } finally {
            REDIS.redis().select(0);
            REDIS.redis().configSet("requirepass", "");
        }
    }

    private static ErrorCode codeOfStart(Optional<String> password) {
        RedisAdapter adapter = adapter(REDIS.uri(), password, OptionalInt.empty());
        ErrorCode code = Await.failure(adapter.start()).code();
        Await.value(adapter.stop());
        return code;
    }

    private static RedisAdapter adapter(String uri, Optional<String> password, OptionalInt database) {
        return new RedisAdapter(
                new RedisSettings(uri, password, database, Duration.ofSeconds(10), 100),
                "n",
                new CountingTelemetry(),
                Clock.systemUTC());
    }

    @Test
    void startShouldSayThatRedisIsNotThere() {
        RedisAdapter adapter = adapter("redis://127.0.0.1:1", Optional.empty(), OptionalInt.empty());
        assertThat(Await.failure(adapter.inbox().clear(ANN)).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Await.failure(adapter.start()).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        Await.value(adapter.stop());
        assertThat(Await.failure(adapter.inbox().clear(ANN)).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }
}

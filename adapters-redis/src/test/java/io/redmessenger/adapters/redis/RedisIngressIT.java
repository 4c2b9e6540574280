package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisIngressIT {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(1), 100_000);

    private final CountingTelemetry telemetry = new CountingTelemetry();
    private final List<Publication> published = new CopyOnWriteArrayList<>();
    private final RedisAdapter adapter = adapter(telemetry);

    private static RedisAdapter adapter(CountingTelemetry telemetry) {
        return new RedisAdapter(
                new RedisSettings(REDIS.uri(), Optional.empty(), OptionalInt.empty(), Duration.ofSeconds(2), 1_000),
                "node",
                telemetry,
                Clock.systemUTC());
    }

    @BeforeEach
    void start() {
        REDIS.redis().configSet("maxmemory", "0");
        Await.value(adapter.start());
    }

    @AfterEach
    void stop() {
        REDIS.resume();
        Await.value(adapter.stop());
    }

    private CompletionStage<Publisher.Receipt> remember(Publication publication) {
        published.add(publication);
        return CompletableFuture.completedFuture(new Publisher.Receipt(1, 0, 0));
    }

    /** Stores as the application does. */
    private CompletionStage<Publisher.Receipt> store(Publication publication) {
        return adapter.inbox()
                .append(publication.message(), List.of((UserId) publication.to()), POLICY, publication.again())
                .thenApply(results -> new Publisher.Receipt(1, 0, 0));
    }

    private List<String> payloads() {
        return published.stream().map(p -> p.message().payload().text()).toList();
    }

    @Test
    void publicationsShouldArriveInOrder() {
        Await.value(adapter.startIngress(this::remember, new MessageIds(1)));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            expected.add("payload " + i);
            assertThat(REDIS.redis().publish(i % 2 == 0 ? "rm.users.ann" : "rm.channels.cats", "payload " + i))
                    .isEqualTo(1);
        }
        Await.until("all arrive", () -> published.size() == 500);
        assertThat(payloads()).containsExactlyElementsOf(expected);
        assertThat(published.get(0).to()).isEqualTo(new UserId("ann"));
        assertThat(published.get(1).to()).isEqualTo(new GroupId("cats"));
        assertThat(published).noneMatch(Publication::again);
        assertThat(published.stream().map(p -> p.message().id()).distinct()).hasSize(500);
        assertThat(telemetry.of(Event.PUBLICATION_ACCEPTED)).isEqualTo(500);
    }

    @Test
    void whatIsNoPublicationShouldBeCountedAndHaveNoOtherEffect() {
        Await.value(adapter.startIngress(this::remember, new MessageIds(1)));
        try (RedisClient client = RedisClient.create(REDIS.uri());
                var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            RedisCommands<byte[], byte[]> raw = connection.sync();
            for (String channel : List.of(
                    "rm.users.",
                    "rm.users.a:b",
                    "rm.users.a b",
                    "rm.channels.*",
                    "rm.unknown",
                    "rm.",
                    "rm.users." + "x".repeat(129))) {
                raw.publish(channel.getBytes(UTF_8), "x".getBytes(UTF_8));
            }
            raw.publish(new byte[] {'r', 'm', '.', (byte) 0xff}, "x".getBytes(UTF_8));
            raw.publish("rm.users.ann".getBytes(UTF_8), new byte[] {'a', (byte) 0xc3});
            raw.publish("rm.users.ann".getBytes(UTF_8), new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
            raw.publish("rm.users.ann".getBytes(UTF_8), new byte[1_001]);
            raw.publish("rm.users.ann".getBytes(UTF_8), "é".repeat(500).getBytes(UTF_8));
            raw.publish("rm.users.ann".getBytes(UTF_8), new byte[0]);
            raw.publish("rm.users.ann".getBytes(UTF_8), new byte[] {0, '"', '\n'});
        }
        Await.until("the good ones arrive", () -> published.size() == 3);
        assertThat(payloads()).containsExactly("é".repeat(500), "", "\0\"\n");
        assertThat(telemetry.of(Event.PUBLICATION_BAD_ADDRESS)).isEqualTo(8);
        assertThat(telemetry.of(Event.PUBLICATION_NOT_UTF8)).isEqualTo(2);
        assertThat(telemetry.of(Event.PUBLICATION_TOO_LARGE)).isEqualTo(1);
        assertThat(telemetry.of(Event.PUBLICATION_ACCEPTED)).isEqualTo(3);
        assertThat(REDIS.redis().keys("rm:users:*")).isEmpty();
        assertThat(REDIS.redis().keys("rm:channels:*")).isEmpty();
    }

    @Test
    void whatWasHeardBeforeAPauseShouldBeStoredOnceAndInOrder() {
        Await.value(adapter.startIngress(this::store, new MessageIds(1)));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            expected.add("p" + i);
            REDIS.redis().publish("rm.users.ann", "p" + i);
            if (i == 1_500) {
                REDIS.pause();
                Await.until("the loss is noticed", () -> !adapter.signals().isStoreAvailable());
                REDIS.resume();
                // a pause of three seconds and more costs the subscription, and what is published until there is
                // another
                Await.until("it is over", () -> adapter.signals().isStoreAvailable());
            }
        }
        Await.until("all are stored", () -> REDIS.redis().llen("rm:users:ann:messages") >= 3_000);
        List<String> stored = new ArrayList<>();
        for (String entry : REDIS.redis().lrange("rm:users:ann:messages", 0, -1)) {
            stored.add(entry.substring(entry.lastIndexOf(":\"") + 2, entry.length() - 2));
        }
        assertThat(stored).containsExactlyElementsOf(expected);
    }

    @Test
    void aRefusingRedisShouldDelayPublicationsOnly() {
        Await.value(adapter.startIngress(this::store, new MessageIds(1)));
        REDIS.redis().publish("rm.users.bob", "first");
        Await.until("this node publishes", () -> telemetry.of(Event.PUBLICATION_ACCEPTED) == 1);
        REDIS.redis().configSet("maxmemory", "1");
        for (int i = 0; i < 10; i++) {
            REDIS.redis().publish("rm.users.ann", "p" + i);
        }
        Await.until("they are heard", () -> telemetry.of(Event.PUBLICATION_ACCEPTED) == 11);
        assertThat(REDIS.redis().llen("rm:users:ann:messages")).isZero();
        REDIS.redis().configSet("maxmemory", "0");
        Await.until("they are stored", () -> REDIS.redis().llen("rm:users:ann:messages") == 10);
        assertThat(telemetry.of(Event.PUBLICATION_LOST)).isZero();
    }

    @Test
    void aBrokenSubscriptionShouldBeCountedAndRestored() {
        Await.value(adapter.startIngress(this::remember, new MessageIds(1)));
        REDIS.redis().publish("rm.users.ann", "before");
        Await.until("it is heard", () -> published.size() == 1);
        REDIS.redis().clientKill(KillArgs.Builder.typePubsub());
        Await.until("the gap is counted", Duration.ofSeconds(2), () -> telemetry.of(Event.SUBSCRIPTION_GAP) > 0);
        Await.until("it hears again", () -> REDIS.redis().publish("rm.users.ann", "after") == 1);
        Await.until("it arrives", () -> payloads().contains("after"));
        assertThat(payloads()).containsExactly("before", "after");
    }

    @Test
    void stopIngressShouldStoreWhatWasHeard() {
        Await.value(adapter.startIngress(this::store, new MessageIds(1)));
        for (int i = 0; i < 500; i++) {
            REDIS.redis().publish("rm.users.ann", "p" + i);
        }
        Await.until("they are heard", () -> telemetry.of(Event.PUBLICATION_ACCEPTED) == 500);
        Await.value(adapter.stopIngress());
        assertThat(REDIS.redis().llen("rm:users:ann:messages")).isEqualTo(500);
        Await.until("nobody listens", () -> REDIS.redis().publish("rm.users.ann", "late") == 0);
    }
}

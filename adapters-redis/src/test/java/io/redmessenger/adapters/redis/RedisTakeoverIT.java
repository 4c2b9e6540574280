package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several nodes hear what is published to one Redis; each publication is stored once, whichever of them dies. */
class RedisTakeoverIT {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(1), 100_000);

    private final CountingTelemetry telemetry = new CountingTelemetry();
    private final Map<String, RedisAdapter> adapters = new LinkedHashMap<>();
    private int published;

    @BeforeEach
    void start() {
        List.of("one", "two", "three").forEach(this::startNode);
        publish(1);
        Await.until("somebody publishes", () -> stored().size() == 1);
    }

    private void startNode(String name) {
        RedisAdapter adapter = new RedisAdapter(RedisSettings.of(REDIS.uri()), name, telemetry, Clock.systemUTC());
        Await.value(adapter.start());
        Await.value(adapter.startIngress(
                publication -> store(adapter.inbox(), publication), new MessageIds(name.hashCode())));
        adapters.put(name, adapter);
    }

    @AfterEach
    void stop() {
        REDIS.resume();
        adapters.values().forEach(adapter -> Await.value(adapter.stop()));
    }

    private static CompletionStage<Publisher.Receipt> store(Inbox inbox, Publication publication) {
        return inbox.append(
                        publication.message(),
                        List.of((UserId) publication.to()),
                        POLICY,
                        publication.again(),
                        publication.claim())
                .thenApply(results -> new Publisher.Receipt(1, 0, 0));
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(REDIS.redis().publish("rm.users.ann", "p" + published)).isPositive();
            published++;
        }
    }

    private static List<String> stored() {
        List<String> stored = new ArrayList<>();
        for (String entry : REDIS.redis().lrange("rm:users:ann:messages", 0, -1)) {
            stored.add(entry.substring(entry.lastIndexOf(":\"") + 2, entry.length() - 2));
        }
        return stored;
    }

    private void everythingShouldBeStoredOnceAndInOrder() {
        Await.until("all are stored", () -> REDIS.redis().llen("rm:users:ann:messages") >= published);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < published; i++) {
            expected.add("p" + i);
        }
        assertThat(stored()).containsExactlyElementsOf(expected);
    }

    private RedisAdapter publishing() {
        Await.until("somebody has the lease", () -> REDIS.redis().exists("rm:lease:heard") == 1);
        String holder = REDIS.redis().get("rm:lease:heard").replaceFirst("^[0-9]+ ", "");
        return adapters.values().stream()
                .filter(adapter -> adapter.node().equals(holder))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aDeadNodesWorkShouldBeTakenOver() {
        for (int round = 0; round < 2; round++) {
            publish(2_000);
            Await.value(publishing().stop()); // in the middle, and without handing over
            publish(500);
        }
        everythingShouldBeStoredOnceAndInOrder();
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    @Test
    void aNodeThatStopsShouldHandOver() {
        for (int round = 0; round < 2; round++) {
            publish(500);
            RedisAdapter leaving = publishing();
            CompletionStage<Void> left = leaving.stopIngress();
            publish(500);
            Await.value(left);
            Await.value(leaving.stop());
        }
        everythingShouldBeStoredOnceAndInOrder();
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    @Test
    void aNodeWhoseSubscriptionIsCutShouldHandOver() {
        List<Long> subscriptions = REDIS.redis()
                .clientList()
                .lines()
                .filter(line -> line.contains(" psub=1 "))
                .map(line -> Long.parseLong(line.replaceFirst("^id=([0-9]+) .*$", "$1")))
                .sorted()
                .toList(); // in the order of the nodes, for they were opened one after another
        assertThat(subscriptions).hasSize(3);
        for (int round = 0; round < 2; round++) {
            publish(500);
            int index = List.copyOf(adapters.values()).indexOf(publishing());
            String lease = REDIS.redis().get("rm:lease:heard");
            assertThat(REDIS.redis().clientKill(KillArgs.Builder.id(subscriptions.get(index))))
                    .isEqualTo(1);
            publish(500);
            Await.until("another publishes", () -> {
                String now = REDIS.redis().get("rm:lease:heard");
                return now != null && !now.equals(lease);
            });
        }
        everythingShouldBeStoredOnceAndInOrder();
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    @Test
    void aStolenLeaseShouldFenceItsHolderOff() {
        publish(200);
        for (int round = 0; round < 5; round++) {
            REDIS.redis().del("rm:lease:heard"); // as if its time were over while the holder goes on
            publish(200);
        }
        everythingShouldBeStoredOnceAndInOrder();
    }

    @Test
    void whatIsPublishedWhileNobodyListensShouldBeReportedAsAGap() {
        adapters.values().forEach(adapter -> Await.value(adapter.stopIngress()));
        Await.until("nobody listens", () -> REDIS.redis().publish("rm.users.ann", "lost") == 0);
        Await.until("two seconds have passed", () -> nowMillis() - recordedAt() > 2_000);
        startNode("four");
        Await.until("the gap is counted", () -> telemetry.of(Event.PUBLICATION_GAP) == 1);
        assertThat(telemetry.of(Event.PUBLICATION_GAP_MILLIS)).isBetween(2_000L, 10_000L);
        Await.until("it is recorded", () -> REDIS.redis().hexists("rm:heard", "gap_ms"));
        publish(100);
        everythingShouldBeStoredOnceAndInOrder();
    }

    private static long nowMillis() {
        return Long.parseLong(REDIS.redis().time().get(0)) * 1_000;
    }

    private static long recordedAt() {
        return Long.parseLong(REDIS.redis().hget("rm:heard", "at"));
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.NodeSignalsContract;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisNodeSignalsIT implements NodeSignalsContract {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private final Nodes nodes = new Nodes(REDIS);
    private final List<String> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        nodes.start();
    }

    @AfterEach
    void stop() {
        REDIS.resume();
        nodes.stop();
    }

    @Override
    public NodeSignals signals() {
        return nodes.here().signals();
    }

    @Override
    public Inbox inbox() {
        return nodes.here().inbox();
    }

    @Override
    public Inbox inboxOfAnotherNode() {
        return nodes.there().inbox();
    }

    /** Redis stands still; connections stay. */
    @Override
    public void loseStore() {
        REDIS.pause();
    }

    @Override
    public void restoreStore() {
        REDIS.resume();
        Await.until("the other node is back too", () -> nodes.there().signals().isStoreAvailable());
    }

    private void listenToEvents() {
        signals().listen(new RecordedSignals(events));
    }

    @Test
    void listenerShouldLearnOfARestartOfRedis() {
        listenToEvents();
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        REDIS.stop();
        Await.until("storeLost", Duration.ofSeconds(1), () -> events.contains("lost"));
        assertThat(signals().isStoreAvailable()).isFalse();
        REDIS.start();
        long back = System.nanoTime();
        Await.until("storeRestored", () -> events.contains("restored"));
        assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(Duration.ofSeconds(1));
        assertThat(events).containsExactly("lost", "restored");
        Await.until("the other node is back too", () -> nodes.there().signals().isStoreAvailable());
        Await.value(inboxOfAnotherNode()
                .append(
                        new Message(new MessageId("m1"), "rm.users.ann", 1, new Payload("")),
                        List.of(ANN),
                        POLICY,
                        false));
        Await.until("registrations and subscriptions survive", () -> events.contains("m1"));
    }

    @Test
    void listenerShouldLearnOfAKilledRedis() {
        listenToEvents();
        REDIS.kill();
        Await.until("storeLost", Duration.ofSeconds(1), () -> events.contains("lost"));
        REDIS.start();
        Await.until("storeRestored", Duration.ofSeconds(2), () -> events.contains("restored"));
        assertThat(events).containsExactly("lost", "restored");
    }

    @Test
    void listenerShouldLearnSoonThatRedisGoesOn() {
        listenToEvents();
        REDIS.pause();
        Await.until("storeLost", Duration.ofSeconds(4), () -> events.contains("lost"));
        REDIS.resume();
        long back = System.nanoTime();
        Await.until("storeRestored", () -> events.contains("restored"));
        assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void listenerShouldLearnThatSignalsWereNotHeard() {
        listenToEvents();
        REDIS.redis().clientKill(io.lettuce.core.KillArgs.Builder.typePubsub());
        Await.until("storeLost", Duration.ofSeconds(1), () -> events.contains("lost"));
        Await.until("storeRestored", Duration.ofSeconds(2), () -> events.contains("restored"));
        assertThat(events).containsExactly("lost", "restored");
    }

    @Test
    void listenerShouldNotMindWhatIsNoSignal() {
        listenToEvents();
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        String channel = "rm:node:" + nodes.here().node();
        for (String nonsense :
                List.of("", "x", "1\n", "1\nann e\n", "1\nann e 5\n3\n{}", "0\n-1\n", "-7\n0\n", "99\n")) {
            assertThat(REDIS.redis().publish(channel, nonsense)).isEqualTo(1);
            assertThat(REDIS.redis().publish("rm:probe:" + nodes.here().node(), nonsense))
                    .isEqualTo(1);
        }
        Await.value(inboxOfAnotherNode()
                .append(
                        new Message(new MessageId("m1"), "rm.users.ann", 1, new Payload("")),
                        List.of(ANN),
                        POLICY,
                        false));
        Await.until("the signal", () -> events.contains("m1"));
        assertThat(events).containsExactly("m1");
    }

    @Test
    void aDeafSubscriptionShouldBeReplaced() {
        RedisConnections connections = new RedisConnections(RedisSettings.of(REDIS.uri()));
        Await.value(connections.open());
        RedisWatch.Listener nobody = new RedisWatch.Listener() {
            @Override
            public void lost() {}

            @Override
            public void restored() {}
        };
        RedisWatch watch = new RedisWatch(connections, RedisKeys.plain().probe("watched"), nodes.telemetry(), nobody);
        RedisSubscription hearing = new RedisSubscription(
                "hearing",
                connections,
                new byte[] {'a'},
                Optional.empty(),
                RedisKeys.plain().probe("watched"),
                (c, m) -> {});
        RedisSubscription deaf = new RedisSubscription(
                "deaf",
                connections,
                new byte[] {'b'},
                Optional.empty(),
                RedisKeys.plain().probe("another"),
                (c, m) -> {});
        Await.value(hearing.open());
        Await.value(deaf.open());
        watch.watch(hearing, true);
        watch.watch(deaf, false);
        long ids = deafClientId();
        Await.value(watch.start());
        Await.until("the deaf one is replaced", () -> deafClientId() > ids);
        assertThat(nodes.telemetry().of(Event.SUBSCRIPTION_GAP)).isEqualTo(1);
        assertThat(watch.isAvailable()).isTrue();
        watch.stop();
        Await.value(connections.close());
    }

    /** The highest id of any Pub/Sub client, which grows when one connects. */
    private static long deafClientId() {
        return REDIS.redis()
                .clientList(io.lettuce.core.ClientListArgs.Builder.typePubsub())
                .lines()
                .mapToLong(line -> Long.parseLong(line.substring(3, line.indexOf(' '))))
                .max()
                .orElse(0);
    }
}

package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.memory.RecordingConnection.Call;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.service.ServiceNode.Client;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three nodes, one user whose connections come and go, nodes that die, are cut off or get answers late: the seed is the
 * case. The model is a list of connections, oldest first.
 */
class ConnectionsModelTest {

    private static final UserId ANN = new UserId("ann");
    private static final int LIMIT = 4;
    private static final SessionSettings SETTINGS =
            new SessionSettings(false, LIMIT, new InboxPolicy(Duration.ofDays(7), 100_000));

    private record Live(Client client, int node) {}

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final List<ServiceNode> nodes = new ArrayList<>();
    private final List<Live> live = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private int started;
    private int published;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 60);
    }

    private ServiceNode start() {
        return new ServiceNode(store, "node" + ++started, clock, SETTINGS);
    }

    private void startAll() {
        IntStream.range(0, 3).forEach(i -> nodes.add(start()));
    }

    /** No faults but deaths: then the model is exact at every step. */
    @ParameterizedTest
    @MethodSource("seeds")
    void theOldestShouldBubbleAndTheOldestTooManyGo(long seed) {
        Random random = new Random(seed);
        startAll();
        for (int step = 0; step < 300; step++) {
            int node = random.nextInt(3);
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    open(node);
                    if (live.size() > LIMIT) {
                        assertThat(live.remove(0).client().connection().closed())
                                .contains(CloseReason.REPLACED);
                    }
                }
                case 3, 4 -> leave(random);
                case 5 -> {
                    if (random.nextInt(5) == 0) {
                        die(node);
                    }
                }
                case 6 -> nodes.get(node).sessions.renewAttachments(Duration.ZERO);
                default -> acknowledge(random);
            }
            assertThat(live).allMatch(one -> one.client().connection().closed().isEmpty());
            publish(random.nextInt(3));
            assertThat(live.stream().map(one -> one.client().connection().bubbled()))
                    .as("step %s", step)
                    .isEqualTo(IntStream.range(0, live.size())
                            .mapToObj(i -> i == 0)
                            .toList());
            assertEachGotTheLatest();
        }
        assertThat(bubblesOfMostBubbledMessage()).isEqualTo(1);
    }

    /** With faults the rules hold again once they are over. */
    @ParameterizedTest
    @MethodSource("seeds")
    void theRulesShouldHoldAgainAfterFaults(long seed) {
        Random random = new Random(seed);
        startAll();
        for (int round = 0; round < 12; round++) {
            for (int step = 0; step < 25; step++) {
                fault(random, random.nextInt(3));
            }
            for (ServiceNode node : nodes) {
                node.inbox.calls().release();
                node.signals.loseSignals(false);
                node.signals.reconnect();
                node.inbox.calls().release();
            }
            for (int twice = 0; twice < 2; twice++) {
                nodes.forEach(node -> node.sessions.renewAttachments(Duration.ZERO));
            }
            live.removeIf(one -> one.client().connection().closed().isPresent());
            assertThat(live).hasSizeLessThanOrEqualTo(LIMIT);
            for (int node = 0; node < 3; node++) {
                publish(node);
                assertEachGotTheLatest();
                assertThat(live.stream().filter(one -> one.client().connection().bubbled()))
                        .as("round %s", round)
                        .hasSize(live.isEmpty() ? 0 : 1);
            }
        }
    }

    private void fault(Random random, int node) {
        ServiceNode at = nodes.get(node);
        switch (random.nextInt(11)) {
            case 0, 1, 2 -> {
                if (at.signals.isStoreAvailable()) {
                    open(node);
                }
            }
            case 3 -> leave(random);
            case 4 -> at.inbox.calls().holdBack();
            case 5 -> at.inbox.calls().release();
            case 6 -> at.signals.loseSignals(random.nextBoolean());
            case 7 -> at.signals.disconnect();
            case 8 -> at.signals.reconnect();
            case 9 -> {
                if (random.nextInt(4) == 0) {
                    die(node);
                }
            }
            default -> at.publisher.publish(at.publication(ANN, "m" + ++published));
        }
    }

    private void open(int node) {
        Client client = nodes.get(node).open(ANN);
        clients.add(client);
        live.add(new Live(client, node));
        clock.advance(Duration.ofMillis(1));
    }

    private void leave(Random random) {
        if (!live.isEmpty()) {
            live.remove(random.nextInt(live.size())).client().session().closed();
        }
    }

    private void acknowledge(Random random) {
        if (!live.isEmpty()) {
            live.get(random.nextInt(live.size())).client().acknowledgeAll();
        }
    }

    /** The node is gone without a word, with its connections; another takes its place. */
    private void die(int node) {
        nodes.get(node).inbox.calls().holdBack();
        nodes.get(node).signals.disconnect();
        nodes.set(node, start());
        live.removeIf(one -> one.node() == node);
    }

    private void publish(int node) {
        nodes.get(node).publish(ANN, "m" + ++published);
        live.forEach(one -> {
            while (!one.client().payloads().contains("m" + published)) {
                int before = one.client().payloads().size();
                one.client().acknowledgeAll();
                assertThat(one.client().payloads()).hasSizeGreaterThan(before);
            }
        });
    }

    private void assertEachGotTheLatest() {
        for (Live one : live) {
            assertThat(one.client().payloads().stream().filter(("m" + published)::equals))
                    .hasSize(1);
        }
    }

    private long bubblesOfMostBubbledMessage() {
        return IntStream.rangeClosed(1, published)
                .mapToLong(number -> clients.stream()
                        .flatMap(client -> client.connection().calls().stream())
                        .filter(call -> call instanceof Call.Delivered delivered
                                && delivered.bubble()
                                && delivered.batch().stream()
                                        .anyMatch(offer ->
                                                offer.message().id().value().equals("m" + number)
                                                        && !offer.redelivered()))
                        .count())
                .max()
                .orElse(0);
    }
}

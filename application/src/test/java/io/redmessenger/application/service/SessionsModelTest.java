package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.service.ServiceNode.Client;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two nodes, one user whose connections come and go, publications, acknowledgements, lost signals: the seed is the case. */
class SessionsModelTest {

    private static final UserId ANN = new UserId("ann");

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final List<ServiceNode> nodes = List.of(
            new ServiceNode(store, "here", clock, ServiceNode.SETTINGS),
            new ServiceNode(store, "there", clock, ServiceNode.SETTINGS));
    private final List<Client> clients = new ArrayList<>();
    private final List<Client> live = new ArrayList<>();
    private int published;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 30);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void nothingShouldBeLostOrOutOfOrder(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 600; step++) {
            step(random, nodes.get(random.nextInt(2)));
        }
        nodes.forEach(node -> {
            node.signals.reconnect();
            node.signals.loseSignals(false);
            node.inbox.calls().release();
        });
        live.forEach(client -> client.session().closed());
        Client last = nodes.get(0).open(ANN);
        clients.add(last);
        for (int i = 0; i < 200; i++) {
            last.acknowledgeAll();
        }
        assertThat(nodes.get(0).waiting(ANN)).isEmpty();
        List<String> expected =
                IntStream.rangeClosed(1, published).mapToObj(i -> "m" + i).toList();
        assertThat(clients.stream()
                        .flatMap(client -> client.payloads().stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(expected);
        for (Client client : clients) {
            assertThat(client.connection().offered().stream()
                            .map(Delivery.Offered::position)
                            .toList())
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(client.connection().missed()).isZero();
            assertThat(client.connection().closed()).isEmpty();
        }
    }

    private void step(Random random, ServiceNode node) {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> {
                published++;
                node.publisher.publish(node.publication(ANN, "m" + published));
            }
            case 3 -> {
                if (live.size() < 5 && node.signals.isStoreAvailable()) {
                    Client client = node.open(ANN);
                    live.add(client);
                    clients.add(client);
                }
            }
            case 4 -> {
                if (random.nextBoolean() && !live.isEmpty()) {
                    live.remove(random.nextInt(live.size())).session().closed();
                }
            }
            case 5 -> node.inbox.calls().holdBack();
            case 6 -> node.inbox.calls().release();
            case 7 -> {
                if (random.nextInt(4) == 0) {
                    node.signals.disconnect();
                } else {
                    node.signals.reconnect();
                }
                node.sessions.renewAttachments(Duration.ZERO);
            }
            default -> {
                if (!live.isEmpty()) {
                    Client client = live.get(random.nextInt(live.size()));
                    int offered = client.connection().offered().size();
                    client.session().acknowledge(offered == 0 ? 0 : random.nextInt(offered) + 1L);
                }
            }
        }
    }
}

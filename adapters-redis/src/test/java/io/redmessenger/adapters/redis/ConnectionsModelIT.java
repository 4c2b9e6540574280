package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.ConnectionSet;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes register connections of one user at random: the scripts and the twin must come to the same. */
class ConnectionsModelIT {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private static final UserId ANN = new UserId("ann");
    private static final int LIMIT = 4;
    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 1000);

    private final Nodes nodes = new Nodes(REDIS);
    private final InMemoryStore store = new InMemoryStore(new MutableClock());

    @BeforeEach
    void start() {
        nodes.start();
    }

    @AfterEach
    void stop() {
        nodes.stop();
    }

    /** One node, over Redis or over the twin, and what it is told. */
    private static final class Node implements NodeSignals.Listener {
        final Inbox inbox;
        final ConnectionSet connections = new ConnectionSet(LIMIT);
        final List<String> told = new CopyOnWriteArrayList<>();
        Attachment latest = new Attachment("", 1, 0, 0, 0, 0, List.of(), false);

        Node(Inbox inbox, NodeSignals signals) {
            this.inbox = inbox;
            signals.listen(this);
        }

        String attach() {
            Presence presence = connections.presence();
            latest = Await.value(inbox.attach(ANN, POLICY, presence));
            List<ConnectionId> replaced = connections.registered(presence, latest.connections());
            assertThat(connections.presence().connections()).isEqualTo(latest.connections());
            return "replaced " + replaced + ", oldest here: " + latest.oldestHere();
        }

        String add(long id) {
            return "full " + connections.add(new ConnectionId(id)) + " " + attach();
        }

        String remove(int index) {
            ConnectionId gone = connections.presence().connections().get(index).id();
            connections.remove(gone);
            if (!connections.isEmpty()) {
                return "gone " + gone + " " + attach();
            }
            detach();
            return "gone, detached";
        }

        void detach() {
            Progress nothing = new Progress(ANN, latest.epoch(), Optional.empty(), 0, 0);
            Await.value(inbox.detach(nothing, latest.last()));
        }

        String append(String id) {
            Message message = new Message(new MessageId(id), "rm.users.ann", 1, new Payload(id));
            AppendResult.Stored stored =
                    (AppendResult.Stored) Await.value(inbox.append(message, List.of(ANN), POLICY, false))
                            .get(0);
            return "here: " + stored.attachedHere() + ", elsewhere: " + stored.attachedElsewhere() + ", oldest here: "
                    + stored.oldestHere();
        }

        @Override
        public void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {
            told.add(message.id() + " " + oldestHere);
        }

        @Override
        public void replaced(UserId user, ConnectionId connection) {
            told.add("replaced " + connection);
        }

        @Override
        public void storeLost() {
            told.add("lost");
        }

        @Override
        public void storeRestored() {
            told.add("restored");
        }

        /** Takes in the replacements that it was told of. */
        void settle() {
            boolean before = connections.isEmpty();
            connections.presence().connections().stream()
                    .map(live -> live.id())
                    .filter(id -> told.contains("replaced " + id))
                    .forEach(connections::remove);
            if (connections.isEmpty() && !before) {
                detach();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void scriptsAndTwinShouldComeToTheSame(long seed) {
        Random random = new Random(seed);
        List<RedisAdapter> adapters = List.of(nodes.here(), nodes.there(), nodes.another("third"));
        List<Node> real = new ArrayList<>();
        List<Node> twin = new ArrayList<>();
        for (RedisAdapter adapter : adapters) {
            real.add(new Node(adapter.inbox(), adapter.signals()));
            String name = adapter.node();
            twin.add(new Node(store.inboxOf(name), store.signalsOf(name)));
        }
        for (int step = 1; step <= 400; step++) {
            int node = random.nextInt(3);
            Node one = real.get(node);
            Node two = twin.get(node);
            int size = two.connections.size();
            assertThat(one.connections.size()).isEqualTo(size);
            switch (random.nextInt(6)) {
                case 0, 1 -> assertThat(one.add(step)).as("step %s", step).isEqualTo(two.add(step));
                case 2 -> {
                    if (size > 0) {
                        int index = random.nextInt(size);
                        assertThat(one.remove(index)).as("step %s", step).isEqualTo(two.remove(index));
                    }
                }
                case 3 -> {
                    if (size > 0) {
                        assertThat(one.attach()).as("step %s", step).isEqualTo(two.attach());
                    }
                }
                default ->
                    assertThat(one.append("m" + step)).as("step %s", step).isEqualTo(two.append("m" + step));
            }
            int now = step;
            for (int i = 0; i < 3; i++) {
                List<String> expected = twin.get(i).told;
                List<String> told = real.get(i).told;
                Await.until("step " + now + ": " + expected, () -> told.size() >= expected.size());
                assertThat(told).isEqualTo(expected);
                real.get(i).settle();
                twin.get(i).settle();
            }
            int all = twin.stream().mapToInt(each -> each.connections.size()).sum();
            assertThat(all).isLessThanOrEqualTo(LIMIT);
        }
        assertThat(IntStream.range(0, 3).mapToObj(i -> real.get(i).told.size()).toList())
                .as("there was something to compare")
                .allMatch(size -> size > 20);
    }
}

package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.LiveConnection;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link NodeSignals} does. */
public interface NodeSignalsContract {

    InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 1000);
    Presence NOBODY = new Presence(List.of(), 6);
    UserId ANN = new UserId("ann");
    UserId BOB = new UserId("bob");

    /** The signals of this node; nobody listens yet. */
    NodeSignals signals();

    /** The inbox of this node. */
    Inbox inbox();

    /** The inbox of another node. */
    Inbox inboxOfAnotherNode();

    /** Cuts this node off from the store. */
    void loseStore();

    /** Ends what {@link #loseStore} did. */
    void restoreStore();

    /** One call of {@link NodeSignals.Listener#appended}. */
    record Heard(UserId user, InboxPlace place, Message message, boolean oldestHere) {}

    /** One call of {@link NodeSignals.Listener#replaced}. */
    record Replaced(UserId user, ConnectionId connection) {}

    /** Remembers what it is told. */
    final class Listening implements NodeSignals.Listener {
        final List<Heard> heard = new CopyOnWriteArrayList<>();
        final List<Replaced> replaced = new CopyOnWriteArrayList<>();
        final AtomicInteger lost = new AtomicInteger();
        final AtomicInteger restored = new AtomicInteger();

        @Override
        public void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {
            heard.add(new Heard(user, place, message, oldestHere));
        }

        @Override
        public void replaced(UserId user, ConnectionId connection) {
            replaced.add(new Replaced(user, connection));
        }

        @Override
        public void storeLost() {
            lost.incrementAndGet();
        }

        @Override
        public void storeRestored() {
            restored.incrementAndGet();
        }
    }

    @Test
    default void appendedShouldTellOfWhatAnotherNodeAppends() {
        Listening listening = listen();
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Message message = new Message(new MessageId("m'1"), "rm.channels.c", 5, new Payload("\"☃\0\n"), 700);
        Await.value(inboxOfAnotherNode().append(message, List.of(BOB, ANN), POLICY, false));
        Await.until("the signal arrives", () -> !listening.heard.isEmpty());
        assertThat(listening.heard)
                .containsExactly(
                        new Heard(ANN, new InboxPlace(attachment.epoch(), attachment.last() + 1), message, false));
    }

    @Test
    default void appendedShouldBeSilentAboutWhatThisNodeAppends() {
        Listening listening = listen();
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Await.value(inbox().append(message("m1"), List.of(ANN, BOB), POLICY, false));
        Await.value(inboxOfAnotherNode().append(message("m2"), List.of(ANN), POLICY, false));
        Await.until("the signal of m2 arrives", () -> !listening.heard.isEmpty());
        assertThat(listening.heard).extracting(Heard::message).containsExactly(message("m2"));
    }

    @Test
    default void appendedShouldKeepOrderPerUser() {
        Listening listening = listen();
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        List<CompletionStage<?>> stages = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            stages.add(inboxOfAnotherNode().append(message("m" + i), List.of(ANN), POLICY, false));
        }
        stages.forEach(Await::value);
        Await.until("all signals arrive", () -> listening.heard.size() == 300);
        long before = listening.heard.get(0).place().position() - 1;
        for (int i = 1; i <= 300; i++) {
            assertThat(listening.heard.get(i - 1).place().position()).isEqualTo(before + i);
            assertThat(listening.heard.get(i - 1).message()).isEqualTo(message("m" + i));
        }
    }

    @Test
    default void appendedShouldBeSilentAfterDetach() {
        Listening listening = listen();
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Await.value(inbox().attach(BOB, POLICY, NOBODY));
        Await.value(inbox().detach(
                        new Progress(ANN, attachment.epoch(), Optional.empty(), attachment.last(), 0),
                        attachment.last()));
        Await.value(inboxOfAnotherNode().append(message("m1"), List.of(ANN), POLICY, false));
        Await.value(inboxOfAnotherNode().append(message("m2"), List.of(BOB), POLICY, false));
        Await.until("the signal of bob arrives", () -> !listening.heard.isEmpty());
        assertThat(listening.heard).extracting(Heard::user).containsExactly(BOB);
    }

    private static Presence presence(int limit, long... connections) {
        return new Presence(
                LongStream.of(connections)
                        .mapToObj(id -> new LiveConnection(new ConnectionId(id), LiveConnection.UNKNOWN))
                        .toList(),
                limit);
    }

    @Test
    default void appendedShouldTellWhetherTheOldestConnectionIsHere() {
        Listening listening = listen();
        Await.value(inbox().attach(ANN, POLICY, presence(6, 1)));
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(6, 1)));
        Await.value(inboxOfAnotherNode().attach(BOB, POLICY, presence(6, 1)));
        Await.value(inbox().attach(BOB, POLICY, presence(6, 1)));
        Await.value(inboxOfAnotherNode().append(message("m1"), List.of(BOB, ANN), POLICY, false));
        Await.value(inbox().attach(ANN, POLICY, presence(6, 2)));
        Await.value(inboxOfAnotherNode().append(message("m2"), List.of(ANN), POLICY, false));
        Await.until("the signals arrive", () -> listening.heard.size() == 3);
        assertThat(listening.heard)
                .extracting(heard -> heard.user() + " " + heard.message().id() + " " + heard.oldestHere())
                .containsExactlyInAnyOrder( // between users there is no order
                        "bob " + message("m1").id() + " false",
                        "ann " + message("m1").id() + " true",
                        "ann " + message("m2").id() + " false")
                .containsSubsequence(
                        "ann " + message("m1").id() + " true",
                        "ann " + message("m2").id() + " false");
    }

    @Test
    default void replacedShouldComeWhenAnotherNodeHasOneTooMany() {
        Listening listening = listen();
        Await.value(inbox().attach(ANN, POLICY, presence(3, 1, 2)));
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(3, 1)));
        assertThat(listening.replaced).isEmpty();
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(3, 1, 2)));
        Await.value(inboxOfAnotherNode().append(message("m1"), List.of(ANN), POLICY, false));
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(3, 1, 2, 3)));
        Await.value(inboxOfAnotherNode().append(message("m2"), List.of(ANN), POLICY, false));
        Await.until("the signals arrive", () -> listening.heard.size() == 2);
        assertThat(listening.replaced)
                .containsExactly(new Replaced(ANN, new ConnectionId(1)), new Replaced(ANN, new ConnectionId(2)));
        assertThat(listening.heard).extracting(Heard::oldestHere).containsExactly(true, false);
    }

    @Test
    default void listenerShouldLearnThatTheStoreIsLostAndRestored() {
        Listening listening = listen();
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Await.until("the store is there", () -> signals().isStoreAvailable());
        loseStore();
        Await.until("storeLost", () -> listening.lost.get() > 0);
        assertThat(signals().isStoreAvailable()).isFalse();
        assertThat(listening.restored).hasValue(0);
        restoreStore();
        Await.until("storeRestored", () -> listening.restored.get() > 0);
        assertThat(signals().isStoreAvailable()).isTrue();
        assertThat(listening.lost).hasValue(1);
        assertThat(listening.restored).hasValue(1);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Await.value(inboxOfAnotherNode().append(message("m1"), List.of(ANN), POLICY, false));
        Await.until("a signal arrives again", () -> !listening.heard.isEmpty());
        assertThat(listening.heard.get(0).place()).isEqualTo(new InboxPlace(attachment.epoch(), attachment.last() + 1));
    }

    private Listening listen() {
        Listening listening = new Listening();
        signals().listen(listening);
        return listening;
    }

    private static Message message(String id) {
        return new Message(new MessageId(id), "rm.users.ann", 1_438_480_701_712L, new Payload("payload of " + id));
    }
}

package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.application.service.ServiceNode.Client;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The store goes back to an earlier state, as by a failover to a replica that had not received the last writes. */
class RewoundStoreTest {

    private static final UserId ANN = new UserId("ann");

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final ServiceNode here = new ServiceNode(store, "here", clock, ServiceNode.SETTINGS);
    private final ServiceNode there = new ServiceNode(store, "there", clock, ServiceNode.SETTINGS);

    /** m1 to m3, and a snapshot of that; then m4 to m6, of which the store loses everything. All were offered. */
    private final Client client = here.open(ANN);

    private void publish(ServiceNode node, String prefix, int first, int last) {
        for (int i = first; i <= last; i++) {
            node.publish(ANN, prefix + i);
            client.connection(); // a step of the test
        }
    }

    private InMemoryStore.Snapshot threeAndThreeMore() {
        publish(here, "m", 1, 2);
        client.acknowledgeAll();
        publish(here, "m", 3, 3);
        InMemoryStore.Snapshot snapshot = store.snapshot();
        publish(here, "m", 4, 6);
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5", "m6");
        return snapshot;
    }

    private void goBack(InMemoryStore.Snapshot snapshot) {
        here.signals.disconnect();
        store.restore(snapshot);
    }

    private List<String> after(int count) {
        return client.payloads().subList(count, client.payloads().size());
    }

    private void assertNothingIsLostFromHereOn(String... expected) {
        assertThat(after(6)).containsExactly(expected);
        client.acknowledgeAll();
        client.acknowledgeAll();
        assertThat(here.waiting(ANN)).isEmpty();
    }

    @Test
    void whatTookTheOldPositionsShouldBeOffered() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        goBack(snapshot);
        here.signals.reconnect();
        publish(there, "x", 4, 6);
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6");
        assertThat(here.telemetry.of(Event.INBOX_REWOUND)).isEqualTo(1);
        assertThat(here.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isEqualTo(3);
    }

    @Test
    void aStoreThatHasAdvancedPastTheOldPositionShouldBeNoticed() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        goBack(snapshot);
        publish(there, "x", 4, 9);
        here.signals.reconnect();
        client.acknowledgeAll();
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6", "x7", "x8", "x9");
        assertThat(here.telemetry.of(Event.INBOX_REWOUND)).isEqualTo(1);
        assertThat(here.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isPositive();
    }

    @Test
    void aStoreThatHasAdvancedToTheOldPositionShouldBeNoticed() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        goBack(snapshot);
        publish(there, "x", 4, 6);
        here.signals.reconnect();
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6");
    }

    @Test
    void ownAppendsBeforeTheStoreCountsAsBackShouldNotBeOfferedAcrossAGap() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        goBack(snapshot);
        publish(there, "x", 4, 6);
        publish(here, "x", 7, 8); // position 7 is just what the view expects next
        client.acknowledgeAll();
        assertThat(here.waiting(ANN)).contains("x4", "x5", "x6", "x7", "x8");
        here.signals.reconnect();
        client.acknowledgeAll();
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6", "x7", "x8");
    }

    @Test
    void aSmallerPositionShouldBeNoticedWithoutALossOfConnection() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        store.restore(snapshot);
        publish(there, "x", 4, 4);
        assertThat(after(6)).containsExactly("m3", "x4");
        publish(here, "x", 5, 7);
        client.acknowledgeAll();
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6", "x7");
    }

    @Test
    void aSmallerPositionOfOnesOwnShouldBeNoticedToo() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        store.restore(snapshot);
        publish(here, "x", 4, 8);
        client.acknowledgeAll();
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6", "x7", "x8");
    }

    @Test
    void anAcknowledgementThatComesLateShouldRemoveNothingElse() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        here.inbox.calls().holdBack();
        client.acknowledgeAll(); // through position 6, on its way
        store.restore(snapshot);
        publish(there, "x", 4, 6);
        here.inbox.calls().release();
        assertThat(here.waiting(ANN)).contains("x4", "x5", "x6");
        assertNothingIsLostFromHereOn("m3", "x4", "x5", "x6");
    }

    @Test
    void aPageThatWasAskedForBeforeShouldNotLetTheViewSkip() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        here.signals.loseSignals(true);
        publish(there, "m", 7, 12);
        here.signals.loseSignals(false);
        here.inbox.calls().holdBack();
        publish(there, "m", 13, 13); // a gap: a page is asked for
        goBack(snapshot);
        here.signals.reconnect();
        publish(there, "x", 4, 5);
        here.inbox.calls().release();
        client.acknowledgeAll();
        assertThat(after(6))
                .doesNotHaveDuplicates()
                .containsSubsequence("x4", "x5")
                .contains("m3");
        client.acknowledgeAll();
        assertThat(here.waiting(ANN)).isEmpty();
    }

    @Test
    void whoComesWhileItIsInDoubtShouldGetEverything() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        client.acknowledgeAll();
        here.inbox.calls().holdBack();
        Client second = here.open(ANN); // attaching while the store is lost
        goBack(snapshot);
        publish(there, "x", 4, 9);
        here.inbox.calls().release();
        here.signals.reconnect();
        second.acknowledgeAll();
        assertThat(second.payloads()).containsExactly("m3", "x4", "x5", "x6", "x7", "x8", "x9");
    }

    @Test
    void aRestoredStoreThatIsAsItWasShouldNotRepeatAnything() {
        threeAndThreeMore();
        here.signals.disconnect();
        here.signals.reconnect();
        here.publish(ANN, "m7");
        assertThat(after(6)).containsExactly("m7");
        assertThat(here.telemetry.of(Event.INBOX_REWOUND)).isZero();
        assertThat(here.telemetry.of(Event.MESSAGE_LOST_BY_STORE)).isZero();
    }

    @Test
    void aStoreThatIsAsItWasWithEverythingAcknowledgedShouldNotRepeatAnything() {
        threeAndThreeMore();
        client.acknowledgeAll();
        client.acknowledgeAll();
        assertThat(here.waiting(ANN)).isEmpty();
        here.signals.disconnect();
        publish(there, "m", 7, 8);
        here.signals.reconnect();
        assertThat(after(6)).containsExactly("m7", "m8");
        assertThat(here.telemetry.of(Event.INBOX_REWOUND)).isZero();
    }

    @Test
    void onlyWhatMayHaveBeenShownShouldBeMarked() {
        InMemoryStore.Snapshot snapshot = threeAndThreeMore();
        goBack(snapshot);
        here.signals.reconnect();
        publish(there, "x", 4, 4);
        List<Delivery.Offered> offered = client.connection().offered();
        assertThat(offered.get(6).redelivered()).isTrue(); // m3
        assertThat(offered.get(7).redelivered()).isFalse(); // x4
    }

    @Test
    void recentPlacesShouldTellMessagesApart() {
        RecentPlaces places = new RecentPlaces();
        MessageId one = new MessageId("one");
        assertThat(places.holds(1, one)).isFalse();
        places.add(1, one);
        assertThat(places.holds(1, one)).isTrue();
        assertThat(places.holds(1, new MessageId("two"))).isFalse();
        assertThat(places.holds(33, one)).isFalse();
        places.add(33, one);
        assertThat(places.holds(1, one)).isFalse();
        places.clear();
        assertThat(places.holds(33, one)).isFalse();
    }

    // ---- at random

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 40);
    }

    /**
     * Two nodes whose store goes back again and again: whatever the store still has at the end was shown to somebody, and
     * was not removed unseen.
     */
    @ParameterizedTest
    @MethodSource("seeds")
    void nothingThatTheStoreKeptShouldBeRemovedUnseen(long seed) {
        Random random = new Random(seed);
        List<ServiceNode> nodes = List.of(here, there);
        List<Client> all = new ArrayList<>(List.of(client));
        List<Client> live = new ArrayList<>(List.of(client));
        Set<String> kept = new HashSet<>();
        Set<String> keptThen = Set.of();
        InMemoryStore.Snapshot snapshot = store.snapshot();
        int published = 0;
        for (int step = 0; step < 500; step++) {
            ServiceNode node = nodes.get(random.nextInt(2));
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> {
                    String payload = "m" + ++published;
                    node.publish(ANN, payload);
                    kept.add(payload);
                }
                case 4 -> {
                    if (live.size() < 5) {
                        Client next = node.open(ANN);
                        live.add(next);
                        all.add(next);
                    }
                }
                case 5 -> {
                    if (random.nextInt(3) == 0 && !live.isEmpty()) {
                        live.remove(random.nextInt(live.size())).session().closed();
                    }
                }
                case 6 -> {
                    snapshot = store.snapshot();
                    keptThen = new HashSet<>(kept);
                }
                case 7 -> {
                    if (random.nextInt(2) == 0) {
                        nodes.forEach(one -> one.signals.disconnect());
                        store.restore(snapshot);
                        kept = new HashSet<>(keptThen);
                        for (int i = random.nextInt(4); i > 0; i--) {
                            String payload = "m" + ++published;
                            nodes.get(random.nextInt(2)).publish(ANN, payload);
                            kept.add(payload);
                        }
                    }
                    nodes.forEach(one -> one.signals.reconnect());
                }
                case 8 -> node.sessions.renewAttachments(Duration.ZERO);
                default -> {
                    if (!live.isEmpty()) {
                        Client one = live.get(random.nextInt(live.size()));
                        int offered = one.connection().offered().size();
                        one.session().acknowledge(offered == 0 ? 0 : random.nextInt(offered) + 1L);
                    }
                }
            }
        }
        live.forEach(one -> one.session().closed());
        Client last = here.open(ANN);
        all.add(last);
        for (int i = 0; i < 100; i++) {
            last.acknowledgeAll();
        }
        assertThat(here.waiting(ANN)).isEmpty();
        Set<String> seen = new HashSet<>();
        all.forEach(one -> seen.addAll(one.payloads()));
        assertThat(seen).containsAll(kept);
        all.forEach(one -> assertThat(one.connection().closed()).isEmpty());
    }
}

package io.redmessenger.domain.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionSetTest {

    private static final ConnectionId ONE = new ConnectionId(1);
    private static final ConnectionId TWO = new ConnectionId(2);
    private static final ConnectionId THREE = new ConnectionId(3);

    @Test
    void addShouldReplaceNobodyWhileThereIsRoom() {
        ConnectionSet set = new ConnectionSet(2);
        assertThat(set.isEmpty()).isTrue();
        assertThat(set.add(ONE)).isEmpty();
        assertThat(set.add(TWO)).isEmpty();
        assertThat(set.size()).isEqualTo(2);
        assertThat(set.isEmpty()).isFalse();
    }

    @Test
    void addShouldReplaceTheOldestWhenFull() {
        ConnectionSet set = new ConnectionSet(2);
        set.add(ONE);
        set.add(TWO);
        assertThat(set.add(THREE)).contains(ONE);
        assertThat(set.size()).isEqualTo(2);
        assertThat(set.remove(ONE)).isFalse();
        assertThat(set.bubbles(TWO, true)).isTrue();
        assertThat(set.add(new ConnectionId(4))).contains(TWO);
    }

    @Test
    void addShouldReplaceTheOnlyOneWhenTheLimitIsOne() {
        ConnectionSet set = new ConnectionSet(1);
        set.add(ONE);
        assertThat(set.add(TWO)).contains(ONE);
        assertThat(set.bubbles(ONE, true)).isFalse();
        assertThat(set.bubbles(TWO, true)).isTrue();
    }

    @Test
    void bubblesShouldPassToTheNextOldestOnRemoval() {
        ConnectionSet set = new ConnectionSet(3);
        set.add(ONE);
        set.add(TWO);
        set.add(THREE);
        assertThat(set.bubbles(ONE, true)).isTrue();
        assertThat(set.bubbles(TWO, true)).isFalse();
        assertThat(set.remove(ONE)).isTrue();
        assertThat(set.bubbles(ONE, true)).isFalse();
        assertThat(set.bubbles(TWO, true)).isTrue();
        assertThat(set.bubbles(THREE, true)).isFalse();
        assertThat(set.remove(TWO)).isTrue();
        assertThat(set.bubbles(THREE, true)).isTrue();
        assertThat(set.remove(THREE)).isTrue();
        assertThat(set.bubbles(THREE, true)).isFalse();
        assertThat(set.isEmpty()).isTrue();
    }

    @Test
    void removalOfAYoungerOneShouldNotMoveTheBubble() {
        ConnectionSet set = new ConnectionSet(3);
        set.add(ONE);
        set.add(TWO);
        set.remove(TWO);
        assertThat(set.bubbles(ONE, true)).isTrue();
        assertThat(set.remove(TWO)).isFalse();
    }

    @Test
    void nobodyShouldBubbleWhileAnotherNodeHasTheOldest() {
        ConnectionSet set = new ConnectionSet(3);
        set.add(ONE);
        set.add(TWO);
        assertThat(set.bubbles(ONE, false)).isFalse();
        assertThat(set.bubbles(TWO, false)).isFalse();
    }

    @Test
    void presenceShouldTellSinceWhenOnceThatIsKnown() {
        ConnectionSet set = new ConnectionSet(3);
        set.add(ONE);
        Presence first = set.presence();
        assertThat(first).isEqualTo(new Presence(List.of(new LiveConnection(ONE, LiveConnection.UNKNOWN)), 3));
        set.add(TWO);
        assertThat(set.registered(first, List.of(new LiveConnection(ONE, 5)))).isEmpty();
        assertThat(set.presence())
                .isEqualTo(new Presence(
                        List.of(new LiveConnection(ONE, 5), new LiveConnection(TWO, LiveConnection.UNKNOWN)), 3));
    }

    @Test
    void registeredShouldReplaceWhoWasAskedForAndNotKept() {
        ConnectionSet set = new ConnectionSet(3);
        set.add(ONE);
        set.add(TWO);
        set.add(THREE);
        Presence asked = set.presence();
        set.remove(TWO);
        ConnectionId four = new ConnectionId(4);
        set.add(four);
        assertThat(set.registered(asked, List.of(new LiveConnection(THREE, 7)))).containsExactly(ONE);
        assertThat(set.size()).isEqualTo(2);
        assertThat(set.bubbles(THREE, true)).isTrue();
        assertThat(set.remove(four)).as("who came later is not concerned").isTrue();
    }

    @Test
    void registeredShouldNotBringBackWhoIsGone() {
        ConnectionSet set = new ConnectionSet(3);
        set.add(ONE);
        Presence asked = set.presence();
        set.remove(ONE);
        assertThat(set.registered(asked, List.of(new LiveConnection(ONE, 7)))).isEmpty();
        assertThat(set.registered(asked, List.of())).isEmpty();
        assertThat(set.isEmpty()).isTrue();
    }

    @Test
    void valuesShouldCheckThemselves() {
        List<LiveConnection> two = List.of(new LiveConnection(ONE, 1), new LiveConnection(TWO, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Presence(two, 1))
                .withMessage("2 connections on one node, but 1 are allowed on all");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Presence(List.of(), 0))
                .withMessage("connection limit must be 1 or more, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LiveConnection(ONE, -1))
                .withMessage("since must be 0 or more, got -1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void shouldRefuseALimitBelowOne(int limit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConnectionSet(limit))
                .withMessage("connection limit must be 1 or more, got " + limit);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void exactlyOneShouldBubbleWhateverHappens(long seed) {
        Random random = new Random(seed);
        int limit = 1 + random.nextInt(5);
        ConnectionSet set = new ConnectionSet(limit);
        List<ConnectionId> model = new ArrayList<>();
        for (long id = 1; id <= 500; id++) {
            if (random.nextInt(3) > 0) {
                ConnectionId added = new ConnectionId(id);
                model.add(added);
                if (model.size() > limit) {
                    assertThat(set.add(added)).contains(model.remove(0));
                } else {
                    assertThat(set.add(added)).isEmpty();
                }
            } else if (!model.isEmpty()) {
                assertThat(set.remove(model.remove(random.nextInt(model.size()))))
                        .isTrue();
            }
            assertThat(set.size()).isEqualTo(model.size());
            for (int i = 0; i < model.size(); i++) {
                assertThat(set.bubbles(model.get(i), true)).isEqualTo(i == 0);
            }
        }
    }
}

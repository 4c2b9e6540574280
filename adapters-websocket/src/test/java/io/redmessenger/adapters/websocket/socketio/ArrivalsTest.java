package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private final List<String> arrived = new ArrayList<>();
    private final Arrivals arrivals = new Arrivals();
    private final Arrivals.Sender ann = sequence -> arrived.add("ann " + sequence);
    private final Arrivals.Sender bob = sequence -> arrived.add("bob " + sequence);

    @Test
    void nothingShouldArriveUnproved() {
        arrivals.proved(arrivals.newest());
        long number = arrivals.sent(ann, 5);
        arrivals.proved(number - 1);
        assertThat(arrived).isEmpty();
    }

    @Test
    void aProofShouldCoverAllBeforeAndTellTheNewestOnce() {
        arrivals.sent(ann, 1);
        arrivals.sent(ann, 4);
        long second = arrivals.newest();
        arrivals.sent(ann, 9);
        arrivals.proved(second);
        arrivals.proved(second);
        assertThat(arrived).containsExactly("ann 4");
        arrivals.proved(arrivals.newest());
        assertThat(arrived).containsExactly("ann 4", "ann 9");
    }

    @Test
    void eachSenderShouldBeToldOfItsOwn() {
        arrivals.sent(ann, 3);
        arrivals.sent(bob, 1);
        arrivals.sent(bob, 2);
        arrivals.sent(ann, 7);
        arrivals.proved(arrivals.newest());
        assertThat(arrived).containsExactly("ann 3", "bob 2", "ann 7");
    }
}

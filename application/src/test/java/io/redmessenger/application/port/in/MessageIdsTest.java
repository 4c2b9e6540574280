package io.redmessenger.application.port.in;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageIdsTest {

    @Test
    void nextShouldBeUniqueAndInOrderWhateverTheClockDoes() {
        MessageIds ids = new MessageIds(-1);
        List<String> made = new ArrayList<>();
        for (long now : new long[] {5, 5, 5, 6, 4, 4, 1_000_000_000_000L, 7}) {
            made.add(ids.next(now).value());
        }
        assertThat(made).doesNotHaveDuplicates().isSorted();
        assertThat(made.get(0)).isEqualTo("0000000005" + "0000" + "vvvvvvvv");
    }

    @Test
    void nextShouldGoOnWhenAMillisecondIsFull() {
        MessageIds ids = new MessageIds(7);
        String previous = "";
        for (int i = 0; i < (1 << 20) + 10; i++) {
            String next = ids.next(1).value();
            if (next.compareTo(previous) <= 0) {
                assertThat(next).isGreaterThan(previous);
            }
            previous = next;
        }
        assertThat(previous).startsWith("0000000002");
    }
}

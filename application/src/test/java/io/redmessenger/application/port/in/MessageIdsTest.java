package io.redmessenger.application.port.in;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MessageIdsTest {

    private static final long NOW = 1_767_225_600_000L;

    @Test
    void nextShouldBe26CharactersAscending() {
        MessageIds ids = new MessageIds(42);
        List<String> made = IntStream.range(0, 5_000)
                .mapToObj(i -> ids.next(NOW + i / 100).value())
                .toList();
        assertThat(made)
                .allSatisfy(id -> assertThat(id).matches("[0-9a-hjkmnp-tv-z]{26}"))
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    void nextShouldWriteTimeProcessAndCounter() {
        MessageIds ids = new MessageIds(33);
        assertThat(ids.next(32)).hasToString("0000000010" + "00000011" + "00000001");
        assertThat(ids.next(32)).hasToString("0000000010" + "00000011" + "00000002");
    }

    @Test
    void processesShouldDiffer() {
        assertThat(new MessageIds(1).next(NOW)).isNotEqualTo(new MessageIds(2).next(NOW));
        assertThat(new MessageIds(-1).next(NOW).value()).hasSize(26);
    }

    @Test
    void nextShouldBeUniqueAcrossThreads() {
        MessageIds ids = new MessageIds(42);
        Set<String> made = Collections.synchronizedSet(new HashSet<>());
        IntStream.range(0, 20_000)
                .parallel()
                .forEach(i -> made.add(ids.next(NOW).value()));
        assertThat(made).hasSize(20_000);
    }
}

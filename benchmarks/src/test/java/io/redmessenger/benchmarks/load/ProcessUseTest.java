package io.redmessenger.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessUseTest {

    /** The name may hold anything, parentheses and spaces included. */
    private static final String STAT = "42 (a) b) S 1 42 42 0 -1 4194304 500 0 3 0 120 30 7 7 20 0 25 0 99 1000 50 1";

    @Test
    void parseShouldAddUpUserAndSystemTime() throws IOException {
        ProcessUse use = ProcessUse.parse(STAT, List.of("Name:\ta", "VmRSS:\t    2048 kB", "Threads:\t1"));

        assertThat(use).isEqualTo(new ProcessUse(1_500_000, 2_048L << 10));
    }

    @Test
    void parseShouldFailWhenTheProcessHasEnded() {
        assertThatThrownBy(() -> ProcessUse.parse(STAT, List.of("Name:\ta")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended");
    }
}

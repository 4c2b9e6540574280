package io.redmessenger.application.port.out;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redmessenger.application.port.out.Finding.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FindingTest {

    @Test
    void whatIsNotOkShouldBeExplained() {
        for (State state : new State[] {State.WARNING, State.PROBLEM, State.SKIPPED}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Finding("check", state, "something", Optional.empty(), Optional.empty()))
                    .withMessageContaining("check");
        }
    }

    @Test
    void whatIsPastedShouldBeOneLine() {
        assertThatIllegalArgumentException().isThrownBy(() -> Finding.ok("check", "two\nlines"));
        assertThatIllegalArgumentException().isThrownBy(() -> Finding.problem("check", "one", "why", "two\nlines"));
        assertThatIllegalArgumentException().isThrownBy(() -> Finding.ok("No Name", "one"));
    }
}

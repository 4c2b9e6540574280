package io.redmessenger.bootstrap.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static List<Schedule.Step> steps(long seed, Topology topology) {
        Schedule schedule = new Schedule(seed, FaultKind.of(topology), 3);
        return Stream.generate(schedule::next).limit(1_000).toList();
    }

    @Test
    void nextShouldBeTheSameForTheSameSeedAndAnotherForAnother() {
        assertThat(steps(7, Topology.STANDALONE)).isEqualTo(steps(7, Topology.STANDALONE));
        assertThat(steps(7, Topology.STANDALONE)).isNotEqualTo(steps(8, Topology.STANDALONE));
    }

    @Test
    void nextShouldUseEveryKindAndTargetWithinItsLimits() {
        for (Topology topology : Topology.values()) {
            List<Schedule.Step> steps = steps(42, topology);
            Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
            steps.forEach(step -> {
                kinds.add(step.kind());
                assertThat(step.lasting()).isBetween(step.kind().shortest, step.kind().longest);
                assertThat(step.target()).isBetween(0, 2);
                assertThat(step.pause()).isPositive();
            });
            assertThat(kinds).containsExactlyInAnyOrderElementsOf(FaultKind.of(topology));
            assertThat(steps.stream().map(Schedule.Step::target).distinct()).hasSize(3);
        }
    }
}

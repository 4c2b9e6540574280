package io.redmessenger.bootstrap.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.bootstrap.faults.Report.Kind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The harness as a whole finds faults that are planted in readers, and nothing else, while the nemesis rests. */
class PlantedFaultsIT {

    private static final Duration DURATION = Duration.ofSeconds(8);

    /** Readers of two users are faulty: one overlooks a message, the other shows two in the wrong order. */
    private static final class FaultyRecorder extends Recorder {

        private static final String FORGETFUL = Load.EXPLICIT.get(1);
        private static final String CONFUSED = Load.EXPLICIT.get(2);
        private static final int FAULTY = 3; // which message of a publisher

        private final Map<String, Integer> counts = new HashMap<>();
        private final Map<String, Event> held = new HashMap<>();

        @Override
        synchronized void event(Event event) {
            if (!(event instanceof Event.Received message)) {
                super.event(event);
                return;
            }
            String publisher = message.payload().substring(0, message.payload().indexOf(' '));
            if (!publisher.equals("http")) {
                super.event(event);
                return;
            }
            int count = counts.merge(message.reader(), 1, Integer::sum);
            if (message.reader().equals(FORGETFUL) && count == FAULTY) {
                return;
            }
            if (message.reader().equals(CONFUSED) && count == FAULTY) {
                held.put(CONFUSED, event);
                return;
            }
            super.event(event);
            Event before = message.reader().equals(CONFUSED) ? held.remove(CONFUSED) : null;
            if (before != null) {
                super.event(before);
            }
        }
    }

    @Test
    void runShouldFindAMessageThatWasOverlookedAndTwoThatWereSwapped() throws InterruptedException {
        Report report = Run.of(
                new Run.Settings(Topology.STANDALONE, DURATION, 1, EnumSet.of(Way.STREAM, Way.HTTP), false),
                new FaultyRecorder());
        assertThat(report.count(Kind.LOST)).as(report.toString()).isEqualTo(1);
        assertThat(report.count(Kind.OUT_OF_ORDER)).as(report.toString()).isEqualTo(1);
        assertThat(report.violations()).as(report.toString()).hasSize(2);
    }
}

package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.redis.HeardProgress.Name;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeardLogTest {

    private static void hear(HeardLog log, String... payloads) {
        for (String payload : payloads) {
            log.heard("rm.users.ann".getBytes(UTF_8), payload.getBytes(UTF_8), 0);
        }
    }

    private static HeardLog listening() {
        HeardLog log = new HeardLog();
        log.interrupted();
        return log;
    }

    /** Names by payload. */
    private static Map<String, Name> names(HeardLog log) {
        Map<String, Name> names = new LinkedHashMap<>();
        for (Optional<HeardLog.Entry> next = log.poll(); next.isPresent(); next = log.poll()) {
            names.put(new String(next.get().payload, UTF_8), next.get().name());
        }
        return names;
    }

    private static List<String> payloads(List<HeardLog.Entry> entries) {
        List<String> payloads = new ArrayList<>();
        entries.forEach(entry -> payloads.add(new String(entry.payload, UTF_8)));
        return payloads;
    }

    @Test
    void nodesWithTheSameFirstMarkerShouldAgreeOnWhatCameBefore() {
        HeardLog early = listening();
        HeardLog late = listening();
        hear(early, "one", "two", "three");
        hear(late, "three");
        early.marker("m");
        late.marker("m");
        hear(early, "four");
        hear(late, "four");
        Map<String, Name> names = names(early);
        assertThat(names.values()).doesNotHaveDuplicates();
        assertThat(names(late))
                .hasSize(2)
                .containsEntry("three", names.get("three"))
                .containsEntry("four", names.get("four"));
    }

    @Test
    void anAnswerShouldGiveANewcomerTheNamesOfThoseWhoHeardMore() {
        HeardLog old = listening();
        old.marker("m");
        hear(old, "one", "two", "three");
        HeardLog late = listening();
        hear(late, "two", "three");
        old.marker("n");
        late.marker("n");
        assertThat(late.lastBefore("n")).isEmpty();
        assertThat(late.follows("n", old.lastBefore("n").orElseThrow())).isTrue();
        assertThat(late.holdsAllBehind(new Name("m", 0))).isFalse();
        assertThat(late.holdsAllBehind(new Name("m", 1))).isTrue();
        assertThat(payloads(late.forgetThrough(new Name("m", 2)))).containsExactly("two");
        assertThat(names(late)).containsExactly(Map.entry("three", new Name("m", 3)));
    }

    @Test
    void anAnswerAboutALaterMarkerShouldBeLeftAlone() {
        HeardLog log = listening();
        hear(log, "one");
        log.marker("m");
        log.marker("n");
        assertThat(log.follows("n", new Name("m", 0))).isFalse();
        assertThat(log.follows("m", new Name("l", 7))).isTrue();
        assertThat(names(log)).containsEntry("one", new Name("l", 7));
    }

    @Test
    void anAnswerThatCannotBeShouldChangeNoName() {
        HeardLog log = listening();
        hear(log, "one", "two");
        log.marker("m");
        log.follows("m", new Name("l", 1)); // two came before m: so many cannot be one
        assertThat(names(log).values()).extracting(Name::marker).containsOnly("m-");
    }

    @Test
    void namesShouldStayOnceSomethingIsHandedOnUnderThem() {
        HeardLog log = listening();
        hear(log, "one", "two");
        log.marker("m");
        HeardLog.Entry one = log.poll().orElseThrow();
        Name name = one.name();
        log.follows("m", new Name("l", 9));
        assertThat(one.name()).isEqualTo(name);
        assertThat(names(log)).containsEntry("two", new Name(name.marker(), name.number() + 1));
        assertThat(log.holdsAllBehind(new Name("l", 7))).isTrue(); // others may name it so
        assertThat(log.holdsAllBehind(new Name("l", 6))).isFalse();
    }

    @Test
    void whatWasInterruptedBeforeAnyMarkerShouldWaitUntilNobodyElseHasIt() {
        HeardLog log = listening();
        hear(log, "one");
        log.interrupted();
        hear(log, "two");
        log.marker("m");
        assertThat(log.poll()).isEmpty();
        assertThat(log.forgottenThrough()).isEmpty();
        log.nobodyElseHasTheUnnamed("own");
        assertThat(names(log)).containsOnlyKeys("one", "two");
    }

    @Test
    void anInterruptionShouldBeAGap() {
        HeardLog log = listening();
        log.marker("m");
        hear(log, "one");
        assertThat(log.holdsAllBehind(new Name("m", 0))).isTrue();
        log.interrupted();
        assertThat(log.holdsAllBehind(new Name("m", 0))).isFalse();
        log.marker("n");
        assertThat(log.holdsAllBehind(new Name("m", 1))).isFalse();
        assertThat(log.holdsAllBehind(new Name("n", 0))).isTrue();
        assertThat(names(log)).containsEntry("one", new Name("m", 1));
    }

    @Test
    void whatCannotBeKeptShouldBeAGapUntilTheNextMarker() {
        HeardLog log = listening();
        log.marker("m");
        log.missed(false);
        assertThat(log.holdsAllBehind(new Name("m", 1))).isFalse();
        log.marker("n");
        assertThat(log.holdsAllBehind(new Name("n", 0))).isTrue();
    }
}

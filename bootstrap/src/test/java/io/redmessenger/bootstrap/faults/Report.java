package io.redmessenger.bootstrap.faults;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the checker found: numbers for the reader of the log, and violations, of which there must be none. */
record Report(Map<String, Long> numbers, List<Violation> violations) {

    private static final int SHOWN = 20;

    /** What must not happen. */
    enum Kind {
        LOST("accepted, and never received by a user it was for"),
        DUPLICATED("received twice under different ids, so that no client can know"),
        OUT_OF_ORDER("received for the first time after one that was published later"),
        AFTER_ACKNOWLEDGEMENT(
                "received although it was acknowledged before, and the acknowledgement had time to be recorded"),
        STUCK("still in Redis although it was acknowledged, or had a live reader for long enough"),
        INVENTED("received, and never published");

        final String meaning;

        Kind(String meaning) {
            this.meaning = meaning;
        }
    }

    record Violation(Kind kind, String what) {}

    long number(String name) {
        return numbers.getOrDefault(name, 0L);
    }

    long count(Kind kind) {
        return violations.stream().filter(violation -> violation.kind() == kind).count();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        numbers.forEach((name, number) -> text.append(String.format(Locale.ROOT, "%10d  %s%n", number, name)));
        Map<Kind, Integer> shown = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            text.append(String.format(Locale.ROOT, "%10d  %s: %s%n", count(kind), kind, kind.meaning));
        }
        for (Violation violation : violations) {
            if (shown.merge(violation.kind(), 1, Integer::sum) <= SHOWN) {
                text.append(violation.kind())
                        .append("  ")
                        .append(violation.what())
                        .append(System.lineSeparator());
            }
        }
        return text.toString();
    }
}

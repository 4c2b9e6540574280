package io.redmessenger.adapters.redis;

import io.redmessenger.adapters.redis.HeardProgress.Name;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node has heard and not handed on, oldest first, each under a name that other nodes know it by too: the marker
 * before it, and its number behind that. What was heard before the first marker has no such name; it stays in doubt until
 * it is known whether another node has heard it. Belongs to one thread.
 */
final class HeardLog {

    /** Markers that are remembered: at one a second, for some hours. */
    private static final int MAX_SECTIONS = 10_000;

    private final ArrayDeque<Entry> waiting = new ArrayDeque<>();

    /** By their markers, oldest first. */
    private final Map<String, Section> sections = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Section> eldest) {
            return size() > MAX_SECTIONS;
        }
    };

    private Section current = new Section(null, 0);
    private @Nullable Section named; // the newest with a marker
    private long ordinal;
    private long wholeFrom = 1; // nothing was missed from the section with this ordinal on

    /** What was heard between two markers. */
    static final class Section {
        private final long ordinal;
        private @Nullable String marker; // null while it has none
        private long heard;

        private Section(@Nullable String marker, long ordinal) {
            this.marker = marker;
            this.ordinal = ordinal;
        }

        private void nameAfter(String other) {
            if (marker == null) {
                marker = other + "-" + ordinal;
            }
        }
    }

    /** One publication as it was heard. */
    static final class Entry {
        final byte[] channel;
        final byte[] payload;
        final long timestamp;

        /** Whether another node, or an earlier attempt, may have stored it. */
        boolean mayBeStored;

        private final Section section;
        private final long number;

        private Entry(Section section, byte[] channel, byte[] payload, long timestamp) {
            this.section = section;
            this.number = ++section.heard;
            this.channel = channel;
            this.payload = payload;
            this.timestamp = timestamp;
        }

        Name name() {
            return new Name(String.valueOf(section.marker), number);
        }

        /** The name of the one before it. */
        Name before() {
            return new Name(String.valueOf(section.marker), number - 1);
        }
    }

    /** From here on something may have been missed, until {@link #marker} comes. */
    void interrupted() {
        current = new Section(null, ++ordinal);
        wholeFrom = ordinal + 1;
    }

    /**
     * Something was heard that cannot be kept.
     *
     * @param forGood whether no other node will publish it either, so that looking for one is of no use
     */
    void missed(boolean forGood) {
        current.heard++;
        if (!forGood) {
            wholeFrom = current.ordinal + 1;
        }
    }

    void heard(byte[] channel, byte[] payload, long timestamp) {
        waiting.add(new Entry(current, channel, payload, timestamp));
    }

    void marker(String marker) {
        current = new Section(marker, ++ordinal);
        named = current;
        sections.put(marker, current);
    }

    /** Whether what is heard now has a name that others know. */
    boolean isNamed() {
        return current == named;
    }

    /** Nobody else will publish what came before the first marker: it is called after {@code marker}. */
    void nobodyElseHasTheUnnamed(String marker) {
        waiting.forEach(entry -> entry.section.nameAfter(marker));
        current.nameAfter(marker);
    }

    /** Whether nothing behind {@code name} was missed. */
    boolean holdsAllBehind(Name name) {
        Section section = sections.get(name.marker());
        return section != null && section.ordinal >= wholeFrom;
    }

    /** Tells which entries are not behind {@code name}. */
    Predicate<Entry> notBehind(Name name) {
        Section section = sections.get(name.marker());
        if (section == null) {
            return entry -> false;
        }
        return entry ->
                entry.section.ordinal < section.ordinal || (entry.section == section && entry.number <= name.number());
    }

    /** Forgets what is not behind {@code name}, and returns it. */
    List<Entry> forgetThrough(Name name) {
        Predicate<Entry> notBehind = notBehind(name);
        List<Entry> forgotten = new ArrayList<>();
        for (Entry head = waiting.peek(); head != null && notBehind.test(head); head = waiting.peek()) {
            forgotten.add(waiting.remove());
        }
        return forgotten;
    }

    /** Another node may have stored any of what is here. */
    void allMayBeStored() {
        waiting.forEach(entry -> entry.mayBeStored = true);
    }

    /** Takes the oldest; empty when there is none, or it is in doubt. */
    Optional<Entry> poll() {
        Entry head = waiting.peek();
        return head == null || head.section.marker == null ? Optional.empty() : Optional.ofNullable(waiting.poll());
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The name through which nothing is kept here; empty before the first marker. */
    Optional<Name> forgottenThrough() {
        Entry head = waiting.peek();
        if (head != null && head.section.marker != null) {
            return Optional.of(head.before());
        }
        return Optional.ofNullable(named).map(section -> new Name(String.valueOf(section.marker), section.heard));
    }
}

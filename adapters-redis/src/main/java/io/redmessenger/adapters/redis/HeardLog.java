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
 * before it, and its number behind that. What was heard before the first marker is numbered backwards from it, until
 * another node tells which marker came before ({@link #follows}). Belongs to one thread.
 */
final class HeardLog {

    /** Markers that are remembered: at one a second, for some hours. */
    private static final int MAX_MARKERS = 10_000;

    /** The number of a first marker, seen from those before it: so many of them have names that others know. */
    private static final int MAX_BEFORE = 1 << 16;

    private static final String BEFORE = "-";

    private final ArrayDeque<Entry> waiting = new ArrayDeque<>();

    /** By their markers, oldest first. */
    private final Map<String, Numbering> numberings = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Numbering> eldest) {
            return size() > MAX_MARKERS;
        }
    };

    private Section current = new Section(0);
    private @Nullable Section newest; // that of the newest marker
    private @Nullable Section beforeFirst; // what was heard before the first marker
    private String first = "";
    private long ordinal;
    private long wholeFrom = 1; // nothing was missed from the section with this ordinal on

    /** What was heard between two markers. */
    private static final class Section {
        private final long ordinal;
        private @Nullable Numbering numbering; // null while it has no names
        private long heard;
        private boolean handedOn; // under its names, which must not change any more
        private @Nullable Section previous; // null when something may have been missed in between

        private Section(long ordinal) {
            this.ordinal = ordinal;
        }

        private Name nameOf(long index) {
            if (numbering == null) {
                throw new IllegalStateException("no marker was heard");
            }
            return new Name(numbering.marker, numbering.offset + index);
        }
    }

    /** The first of {@code section} is called {@code marker}, {@code offset + 1}. */
    private record Numbering(Section section, String marker, long offset) {}

    /** One publication as it was heard. */
    static final class Entry {
        final byte[] channel;
        final byte[] payload;
        final long timestamp;

        /** Whether another node, or an earlier attempt, may have stored it. */
        boolean mayBeStored;

        private final Section section;
        private final long index; // 1 for the first of its section

        private Entry(Section section, byte[] channel, byte[] payload, long timestamp) {
            this.section = section;
            this.index = ++section.heard;
            this.channel = channel;
            this.payload = payload;
            this.timestamp = timestamp;
        }

        /** Only what {@link #poll} has returned is sure to have one. */
        Name name() {
            return section.nameOf(index);
        }

        /** The name of the one before it. */
        Name before() {
            return section.nameOf(index - 1);
        }
    }

    /** From here on something may have been missed, until {@link #marker} comes. */
    void interrupted() {
        current = new Section(++ordinal);
        beforeFirst = null;
        wholeFrom = ordinal;
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
        Section last = current;
        current = new Section(++ordinal);
        if (last.numbering == null) {
            beforeFirst = last;
            first = marker;
            name(last, marker + BEFORE, Math.max(0, MAX_BEFORE - last.heard));
        } else {
            current.previous = last;
        }
        name(current, marker, 0);
        newest = current;
    }

    private void name(Section section, String marker, long offset) {
        Numbering numbering = new Numbering(section, marker, offset);
        numberings.put(marker, numbering);
        if (!section.handedOn) {
            section.numbering = numbering;
        }
    }

    /** The name of what was heard last before {@code marker}; empty when that was the first one, or is not known. */
    Optional<Name> lastBefore(String marker) {
        return Optional.ofNullable(numberings.get(marker))
                .map(numbering -> numbering.section.previous)
                .map(section -> section.nameOf(section.heard));
    }

    /**
     * Another node has told what came before {@code marker}.
     *
     * @return whether it is the first marker that this node has heard, and so the other one has heard more
     */
    boolean follows(String marker, Name last) {
        Section section = beforeFirst;
        if (section == null || !marker.equals(first)) {
            return false;
        }
        long offset = last.number() - section.heard;
        if (offset >= 0 && !numberings.containsKey(last.marker())) {
            name(section, last.marker(), offset);
        }
        return true;
    }

    /** Whether what is heard now has a name that others know. */
    boolean isNamed() {
        return current.numbering != null;
    }

    /** Nobody else will publish what has no name, for a subscription ended before it heard a marker. */
    void nobodyElseHasTheUnnamed(String marker) {
        for (Entry entry : waiting) {
            if (entry.section.numbering == null && entry.section != current) {
                name(entry.section, marker + BEFORE + entry.section.ordinal, 0);
            }
        }
    }

    /** Whether nothing behind {@code name} was missed. */
    boolean holdsAllBehind(Name name) {
        Numbering numbering = numberings.get(name.marker());
        return numbering != null && numbering.section.ordinal >= wholeFrom && numbering.offset <= name.number();
    }

    /** Tells which entries are not behind {@code name}. */
    Predicate<Entry> notBehind(Name name) {
        Numbering numbering = numberings.get(name.marker());
        if (numbering == null) {
            return entry -> false;
        }
        Section section = numbering.section;
        long index = name.number() - numbering.offset;
        return entry -> entry.section.ordinal < section.ordinal || (entry.section == section && entry.index <= index);
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

    /** Takes the oldest; empty when there is none, or it has no name. */
    Optional<Entry> poll() {
        Entry head = waiting.peek();
        if (head == null || head.section.numbering == null) {
            return Optional.empty();
        }
        head.section.handedOn = true;
        return Optional.of(waiting.remove());
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The name through which nothing is kept here; empty when that has none. */
    Optional<Name> forgottenThrough() {
        Entry head = waiting.peek();
        if (head != null) {
            return head.section.numbering == null ? Optional.empty() : Optional.of(head.before());
        }
        return Optional.ofNullable(newest).map(section -> section.nameOf(section.heard));
    }
}

package io.redmessenger.bootstrap.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what happens. Safe for concurrent use; the order of calls is the order of events. */
class Recorder {

    private final long beginning = System.nanoTime();
    private final List<Published> published = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();

    /** Milliseconds of the run so far. */
    final long now() {
        return (System.nanoTime() - beginning) / 1_000_000;
    }

    final synchronized void published(Published message) {
        published.add(message);
    }

    synchronized void event(Event event) {
        events.add(event);
    }

    final synchronized void fault(Fault fault) {
        faults.add(fault);
    }

    final synchronized History history(
            Set<Way> fragile, Map<String, List<String>> unread, Map<String, List<String>> left, List<String> undone) {
        return new History(
                List.copyOf(published), List.copyOf(events), List.copyOf(faults), fragile, unread, left, undone);
    }
}

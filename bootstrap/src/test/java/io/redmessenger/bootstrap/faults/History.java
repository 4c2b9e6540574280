package io.redmessenger.bootstrap.faults;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What happened in a run.
 *
 * @param events of all readers, in the order in which they happened
 * @param fragile ways in that promise nothing for what is published while Redis itself fails
 * @param unread what waited, as payloads by user, although its user had a live reader for long enough
 * @param left what waited in the end, after every inbox was drained
 * @param undone entries of the durable way in that nobody has stored, or that were dead letters
 */
record History(
        List<Published> published,
        List<Event> events,
        List<Fault> faults,
        Set<Way> fragile,
        Map<String, List<String>> unread,
        Map<String, List<String>> left,
        List<String> undone) {

    private record Line(long at, String text) {}

    /** All of it for a reader, by time. */
    List<String> lines() {
        return Stream.of(
                        published.stream().map(message -> new Line(message.from(), message.toString())),
                        events.stream().map(event -> new Line(event.at(), event.toString())),
                        faults.stream().map(fault -> new Line(fault.from(), fault.toString())))
                .flatMap(lines -> lines)
                .sorted(Comparator.comparingLong(Line::at))
                .map(line -> line.at() + " " + line.text().replaceAll("x{4,}", "x"))
                .toList();
    }
}

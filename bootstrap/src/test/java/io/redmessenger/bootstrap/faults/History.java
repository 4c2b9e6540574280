package io.redmessenger.bootstrap.faults;

import java.util.List;
import java.util.Map;
import java.util.Set;

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
        List<String> undone) {}

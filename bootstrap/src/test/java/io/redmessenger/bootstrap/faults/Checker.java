package io.redmessenger.bootstrap.faults;

import io.redmessenger.bootstrap.faults.Report.Kind;
import io.redmessenger.bootstrap.faults.Report.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reconciles what was published with what was received, acknowledged, and left. Does no I/O; one object per history. */
final class Checker {

    /** An acknowledgement counts as recorded when its connection lived on for so long while nothing was broken. */
    static final long SETTLING_MILLIS = 3_000;

    /** What was published so shortly before Redis failed may have been on its way to the nodes. */
    static final long IN_FLIGHT_MILLIS = 1_000;

    private final History history;
    private final Map<String, Published> byPayload = new HashMap<>();
    private final Set<String> accepted = new HashSet<>(); // payloads
    private final Map<String, Map<String, Set<String>>> received = new HashMap<>(); // ids by payload by user
    private final Map<String, Integer> missed = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();
    private final Map<String, Long> numbers = new LinkedHashMap<>();

    private Checker(History history) {
        this.history = history;
    }

    static Report check(History history) {
        return new Checker(history).report();
    }

    private Report report() {
        readPublications();
        readReceptions();
        checkLost();
        checkOrder();
        checkAcknowledgements();
        checkStuck();
        return new Report(numbers, List.copyOf(violations));
    }

    private void violation(Kind kind, String what) {
        violations.add(new Violation(kind, what));
    }

    private void readPublications() {
        for (Published message : history.published()) {
            if (byPayload.put(message.payload(), message) != null) {
                throw new IllegalArgumentException("published twice by the harness itself: " + message.payload());
            }
            if (message.accepted() && !wasInDoubt(message)) {
                accepted.add(message.payload());
            }
        }
        numbers.put("faults injected", (long) history.faults().size());
        numbers.put("published", (long) byPayload.size());
        for (Way way : Way.values()) {
            numbers.put(
                    "accepted by " + way,
                    accepted.stream()
                            .filter(payload -> publication(payload).way() == way)
                            .count());
        }
        numbers.put("not answered, or published while Redis failed", byPayload.size() - (long) accepted.size());
    }

    private boolean wasInDoubt(Published message) {
        return history.fragile().contains(message.way())
                && history.faults().stream()
                        .anyMatch(fault -> fault.isOfStore()
                                && message.to() >= fault.from() - IN_FLIGHT_MILLIS
                                && message.from() <= fault.to());
    }

    private Published publication(String payload) {
        Published message = byPayload.get(payload);
        if (message == null) {
            throw new IllegalStateException(payload);
        }
        return message;
    }

    private void readReceptions() {
        long receptions = 0;
        long acknowledgements = 0;
        for (Event event : history.events()) {
            if (event instanceof Event.Received message) {
                receptions++;
                Published published = byPayload.get(message.payload());
                if (published == null || !published.recipients().contains(message.user())) {
                    violation(Kind.INVENTED, message.toString());
                }
                received.computeIfAbsent(message.user(), user -> new HashMap<>())
                        .computeIfAbsent(message.payload(), payload -> new LinkedHashSet<>())
                        .add(message.id());
            } else if (event instanceof Event.Missed notice) {
                missed.merge(notice.user(), notice.count(), Integer::sum);
            } else if (event instanceof Event.Acknowledged) {
                acknowledgements++;
            }
        }
        long distinct = 0;
        for (Map.Entry<String, Map<String, Set<String>>> user : received.entrySet()) {
            distinct += user.getValue().size();
            user.getValue().forEach((payload, ids) -> {
                for (int more = 1; more < ids.size(); more++) {
                    violation(Kind.DUPLICATED, user.getKey() + ": " + payload + " as " + ids);
                }
            });
        }
        numbers.put("delivered, each once per user", distinct);
        numbers.put("delivered again, to other connections or after a fault", receptions - distinct);
        numbers.put("acknowledgements sent by hand", acknowledgements);
    }

    private void checkLost() {
        long owed = 0;
        long expired = 0;
        Map<String, List<String>> absent = new HashMap<>();
        for (Published message : history.published()) {
            if (!accepted.contains(message.payload())) {
                continue;
            }
            for (String user : message.recipients()) {
                owed++;
                if (received.getOrDefault(user, Map.of()).containsKey(message.payload())
                        || history.left().getOrDefault(user, List.of()).contains(message.payload())) {
                    continue;
                }
                if (message.mayExpire()) {
                    expired++;
                } else {
                    absent.computeIfAbsent(user, u -> new ArrayList<>()).add(message.payload());
                }
            }
        }
        long dropped = 0;
        for (Map.Entry<String, List<String>> user : absent.entrySet()) {
            int told = missed.getOrDefault(user.getKey(), 0);
            List<String> payloads = user.getValue();
            dropped += Math.min(told, payloads.size());
            // the limit drops the oldest: what it does not explain is among the newest
            payloads.stream()
                    .skip(told)
                    .forEach(payload -> violation(Kind.LOST, user.getKey() + ": " + publication(payload)));
        }
        numbers.put("owed: accepted, once for each user it was for", owed);
        numbers.put("expired", expired);
        numbers.put("dropped by the limit, and told", dropped);
    }

    /** What a client shows that recognises repetitions: each id when it comes for the first time. */
    private void checkOrder() {
        Map<String, Set<String>> shown = new HashMap<>();
        Map<String, Published> newest = new HashMap<>();
        for (Event event : history.events()) {
            if (event instanceof Event.Received message
                    && shown.computeIfAbsent(message.reader(), reader -> new HashSet<>())
                            .add(message.id())
                    && accepted.contains(message.payload())) {
                Published now = publication(message.payload());
                String sequence = message.reader() + " " + now.sequence();
                Published before = newest.get(sequence);
                if (before != null && before.number() > now.number()) {
                    violation(Kind.OUT_OF_ORDER, message + " after " + before);
                } else {
                    newest.put(sequence, now);
                }
            }
        }
    }

    private record Connection(String reader, int number) {
        static Connection of(Event event) {
            return new Connection(event.reader(), event.connection());
        }
    }

    private void checkAcknowledgements() {
        Map<Connection, Long> ends = new HashMap<>();
        for (Event event : history.events()) {
            if (event instanceof Event.Closed end) {
                ends.put(Connection.of(event), end.heard());
            }
        }
        Map<Connection, Event.Opened> opened = new HashMap<>();
        Map<Connection, List<String>> open = new HashMap<>(); // received and not acknowledged, in order
        Map<Connection, Set<String>> done = new HashMap<>();
        Map<String, Long> settled = new HashMap<>(); // when, by user and id
        long storedAgain = 0;
        for (Event event : history.events()) {
            Connection connection = Connection.of(event);
            if (event instanceof Event.Opened beginning) {
                opened.put(connection, beginning);
            } else if (event instanceof Event.Received message) {
                Long since = settled.get(message.user() + " " + message.id());
                boolean here = done.getOrDefault(connection, Set.of()).contains(message.id());
                if (here && mayBeStoredAgain(message)) {
                    storedAgain++;
                } else if (here || (since != null && openedAt(opened.get(connection)) > since)) {
                    violation(
                            Kind.AFTER_ACKNOWLEDGEMENT,
                            message + (here ? " on the connection that acknowledged it" : ", settled at " + since));
                }
                open.computeIfAbsent(connection, c -> new ArrayList<>()).add(message.id());
            } else if (event instanceof Event.Acknowledged acknowledgement) {
                List<String> ids = open.computeIfAbsent(connection, c -> new ArrayList<>());
                List<String> through = new ArrayList<>(ids.subList(0, ids.lastIndexOf(acknowledgement.id()) + 1));
                done.computeIfAbsent(connection, c -> new HashSet<>()).addAll(through);
                Long when = settledAt(opened.get(connection), event.at(), ends.getOrDefault(connection, event.at()));
                if (when != null) {
                    through.forEach(id -> settled.putIfAbsent(acknowledgement.user() + " " + id, when));
                }
                ids.removeAll(through);
            }
        }
        numbers.put("messages whose acknowledgement must have been recorded", (long) settled.size());
        numbers.put("stored again after a fault, although acknowledged by then", storedAgain);
    }

    /**
     * Whether the documented gap explains it: a node that does not know whether it has stored a message for everybody stores
     * it again, under the same id, where it does not wait in the inbox any more.
     */
    private boolean mayBeStoredAgain(Event.Received message) {
        Published published = byPayload.get(message.payload());
        return published != null
                && history.faults().stream()
                        .anyMatch(fault -> fault.from() <= message.at() && fault.to() >= published.from());
    }

    private static long openedAt(Event.@Nullable Opened beginning) {
        return beginning == null ? 0 : beginning.at();
    }

    /** When an acknowledgement has had its quiet time before {@code end}; null if it had none. */
    private @Nullable Long settledAt(Event.@Nullable Opened beginning, long acknowledged, long end) {
        if (beginning == null) {
            return null;
        }
        long quietSince = acknowledged;
        List<Fault> faults = history.faults().stream()
                .filter(fault -> fault.concerns(beginning.node()))
                .sorted(Comparator.comparingLong(Fault::from))
                .toList();
        for (Fault fault : faults) {
            if (fault.from() >= quietSince + SETTLING_MILLIS) {
                break;
            }
            quietSince = Math.max(quietSince, fault.to());
        }
        long when = quietSince + SETTLING_MILLIS;
        return when <= end ? when : null;
    }

    private void checkStuck() {
        history.unread()
                .forEach((user, payloads) -> payloads.forEach(
                        payload -> violation(Kind.STUCK, user + ", who has a live reader: " + payload)));
        history.left()
                .forEach((user, payloads) ->
                        payloads.forEach(payload -> violation(Kind.STUCK, user + ", who was drained: " + payload)));
        history.undone().forEach(entry -> violation(Kind.STUCK, "the durable way in: " + entry));
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.domain.recipient.Recipient;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The publications that were taken from the stream and are not settled, in a lane per recipient: the first of a lane is
 * the one that is on its way, or about to be, and nothing passes it. Belongs to one thread.
 */
final class PublicationLanes {

    private final Map<String, StreamedPublication> held = new HashMap<>();
    private final Map<Recipient, ArrayDeque<StreamedPublication>> lanes = new HashMap<>();
    private final ArrayDeque<StreamedPublication> ready = new ArrayDeque<>();

    /** Who has which name for its publication, until Redis remembers it. */
    private final Map<String, StreamedPublication> named = new HashMap<>();

    private long characters;

    boolean holds(String entry) {
        return held.containsKey(entry);
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    int size() {
        return held.size();
    }

    /** How many characters all the payloads have. */
    long characters() {
        return characters;
    }

    /** Puts it at the end of its lane. */
    void add(StreamedPublication one) {
        held.put(one.entry(), one);
        characters += one.characters();
        ArrayDeque<StreamedPublication> lane = lanes.computeIfAbsent(one.to(), to -> new ArrayDeque<>());
        lane.add(one);
        if (lane.size() == 1) {
            ready.add(one);
        }
    }

    /** The next one whose turn it is; empty when there is none. */
    Optional<StreamedPublication> next() {
        return Optional.ofNullable(ready.poll());
    }

    /** Lets it have another turn, still at the head of its lane; does nothing when it was let go meanwhile. */
    void again(StreamedPublication one) {
        ArrayDeque<StreamedPublication> lane = lanes.get(one.to());
        if (lane != null && lane.peek() == one) {
            ready.add(one);
        }
    }

    /** Lets the next one to the same recipient have its turn. It is still held. */
    void leave(StreamedPublication one) {
        ArrayDeque<StreamedPublication> lane = lanes.get(one.to());
        if (lane == null || lane.peek() != one) {
            return; // let go meanwhile
        }
        lane.remove();
        if (lane.isEmpty()) {
            lanes.remove(one.to());
        } else {
            ready.add(lane.element());
        }
    }

    /** Gives it the name that the backend has given it; returns who has that name already. */
    Optional<StreamedPublication> nameOrNamesake(StreamedPublication one) {
        return one.key().map(key -> named.putIfAbsent(key, one)).filter(namesake -> namesake != one);
    }

    void forget(StreamedPublication one) {
        one.key().ifPresent(key -> named.remove(key, one));
        if (held.remove(one.entry(), one)) {
            characters -= one.characters();
        }
    }

    /** Forgets all that are in a lane and not on their way. Those on their way are held until they are settled. */
    void letGo() {
        lanes.values()
                .forEach(lane -> lane.stream().filter(one -> !one.isOnItsWay()).forEach(this::forget));
        lanes.clear();
        ready.clear();
    }
}

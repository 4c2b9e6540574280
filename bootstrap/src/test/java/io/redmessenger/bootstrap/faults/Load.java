package io.redmessenger.bootstrap.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Who gets messages, and how much. */
final class Load {

    /** The nodes' {@code queue_limit}. */
    static final int QUEUE_LIMIT = 1_000;

    /** Has no reader until the end, and gets more than the limit in a minute. */
    static final String FLOODED = "flooded";

    static final String CHANNEL = "rm.channels.all";

    static final List<String> PLAIN = named("plain", 5);
    static final List<String> EXPLICIT = named("explicit", 4);
    static final List<String> SLOW = named("slow", 2);
    static final List<String> EVENTS = named("events", 3);
    static final List<String> SOCKET_IO = named("socketio", 2);
    /** Have two readers each. */
    static final List<String> TWINS = named("twins", 3);
    /** Are offline most of the time. */
    static final List<String> AWAY = named("away", 3);

    /** Those to whom messages are published one by one. */
    static final List<String> USERS = Stream.of(PLAIN, EXPLICIT, SLOW, EVENTS, SOCKET_IO, TWINS, AWAY)
            .flatMap(List::stream)
            .toList();

    /** Members of the channel: one of each. */
    static final List<String> MEMBERS =
            USERS.stream().filter(user -> user.endsWith("0")).toList();

    /** Milliseconds that a publisher rests after each message. */
    static final int REST = 25;

    private Load() {}

    private static List<String> named(String kind, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(kind + i);
        }
        return names;
    }
}

package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether somebody else listens to what backends publish, such as the original server, which would deliver it too. Redis does
 * not tell who listens to which pattern: so that is inferred from the shape of a node's own subscription, which has one
 * pattern and two channels.
 */
public final class SubscriberCheck {

    private static final String CHECK = "redis-subscribers";
    private static final int SHOWN = 3;

    private SubscriberCheck() {}

    private record Connection(Map<String, String> fields) {

        static Connection of(String line) {
            Map<String, String> fields = new HashMap<>();
            for (String word : line.strip().split(" ", -1)) {
                int equals = word.indexOf('=');
                if (equals > 0) {
                    fields.put(word.substring(0, equals), word.substring(equals + 1));
                }
            }
            return new Connection(fields);
        }

        private String field(String name) {
            return fields.getOrDefault(name, "");
        }

        boolean hasPattern() {
            return !field("psub").isEmpty() && !field("psub").equals("0");
        }

        boolean hasShapeOfNode() {
            return field("psub").equals("1") && field("sub").equals("2");
        }

        String id() {
            return field("id");
        }

        String shown() {
            String name = field("name").isEmpty() ? field("lib-name") : field("name");
            return field("addr") + (name.isEmpty() ? "" : " (" + name + ")");
        }
    }

    /**
     * @param clients what CLIENT LIST says of connections that subscribe
     * @param nodes how many connections listen to the channel that only nodes know
     * @param patterns how many different patterns are subscribed to
     */
    public static Finding of(RedisCli cli, String clients, long nodes, long patterns) {
        List<Connection> strangers = new ArrayList<>();
        long known = 0;
        for (String line : clients.lines().toList()) {
            Connection connection = Connection.of(line);
            if (!connection.hasPattern()) {
                continue;
            }
            if (connection.hasShapeOfNode() && known < nodes) {
                known++;
            } else {
                strangers.add(connection);
            }
        }
        if (strangers.isEmpty()) {
            return Finding.ok(
                    CHECK,
                    nodes == 0
                            ? "nobody listens to rm.* now: what is published is lost until a node runs"
                            : (nodes == 1 ? "1 node listens" : nodes + " nodes listen") + " to rm.*, and nobody else");
        }
        boolean sure = nodes > 0 && patterns == 1;
        String who = strangers.stream().limit(SHOWN).map(Connection::shown).collect(Collectors.joining(", "))
                + (strangers.size() > SHOWN ? " and " + (strangers.size() - SHOWN) + " more" : "");
        List<String> list = new ArrayList<>(List.of("CLIENT", "LIST", "ID"));
        strangers.stream().limit(SHOWN).map(Connection::id).forEach(list::add);
        return Finding.warning(
                CHECK,
                (sure ? "somebody who is no node listens to rm.*: " : "somebody who is no node listens to a pattern: ")
                        + who,
                (sure
                                ? "It hears all that is published."
                                : "Redis does not tell to which; it may have nothing to do with RedMessenger.")
                        + " If it is another server for the same users, such as the original RedMessenger on Node.js, they get"
                        + " each message twice: stop it. This shows where its connection comes from:",
                cli.command(list.toArray(String[]::new)));
    }

    /** When Redis does not tell. */
    public static Finding refused(String answer) {
        return Finding.skipped(
                CHECK,
                "who else listens to rm.* cannot be read here: " + answer,
                "It needs CLIENT LIST. If another server for the same users runs, such as the original RedMessenger on Node.js,"
                        + " stop it, or they get each message twice.");
    }
}

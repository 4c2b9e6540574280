package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.LiveConnection;
import java.util.ArrayList;
import java.util.List;

/** A node's connections of a user as the scripts know them: {@code "<id>:<since> …"}, oldest first. */
final class Registrations {

    private Registrations() {}

    static byte[] encode(List<LiveConnection> connections) {
        StringBuilder text = new StringBuilder();
        for (LiveConnection connection : connections) {
            text.append(text.isEmpty() ? "" : " ")
                    .append(connection.id().value())
                    .append(':')
                    .append(connection.since());
        }
        return text.toString().getBytes(US_ASCII);
    }

    static List<LiveConnection> decode(byte[] bytes) {
        List<LiveConnection> connections = new ArrayList<>(1);
        if (bytes.length > 0) {
            for (String word : new String(bytes, US_ASCII).split(" ", -1)) {
                int colon = word.indexOf(':');
                connections.add(new LiveConnection(
                        new ConnectionId(Long.parseLong(word.substring(0, colon))),
                        Long.parseLong(word.substring(colon + 1))));
            }
        }
        return connections;
    }
}

package io.redmessenger.bootstrap.doctor;

import io.redmessenger.application.port.out.Finding;
import java.util.OptionalLong;

/** Whether the process may open as many files as it may have connections. */
final class OpenFilesCheck {

    private static final String CHECK = "open-files";

    /** What the server needs besides: jars, its listener, connections to Redis. */
    static final int RESERVED = 200;

    private OpenFilesCheck() {}

    /** @param limit what {@code ulimit -n} says; empty where there is none */
    static Finding of(OptionalLong limit, int connections) {
        if (limit.isEmpty()) {
            return Finding.skipped(
                    CHECK,
                    "the limit of open files cannot be read on this system",
                    "Each connection needs an open file; max_connections is " + connections + ".");
        }
        long files = limit.getAsLong();
        String summary = "ulimit -n is " + files + ", max_connections " + connections;
        if (files >= (long) connections + RESERVED) {
            return Finding.ok(CHECK, summary);
        }
        long room = Math.max(1, files - RESERVED);
        return Finding.warning(
                CHECK,
                summary,
                "Each connection needs an open file. From about " + room
                        + " on, new ones fail with 'Too many open files' instead"
                        + " of HTTP 503. Raise the limit to " + (connections + RESERVED)
                        + " (ulimit -n as root, or LimitNOFILE= of the systemd unit), or take fewer:",
                "redmessenger serve --max-connections " + room);
    }
}

package io.redmessenger.bootstrap.doctor;

import io.redmessenger.application.port.out.Finding;
import io.redmessenger.bootstrap.embedded.EmbeddedRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Whether the Redis that the server starts itself has a place for its data, and where it runs. */
public final class EmbeddedRedisCheck {

    private static final int CONNECT_MILLIS = 2_000;

    private EmbeddedRedisCheck() {}

    /** The port on which it runs now; empty when it does not. */
    public static OptionalInt runningPort(Path dataDir) {
        OptionalInt port = EmbeddedRedis.recordedPort(dataDir);
        if (port.isEmpty()) {
            return port;
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getAsInt()), CONNECT_MILLIS);
            return port;
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /** Whether it may write its data. */
    public static Finding directory(Path dataDir) {
        String check = "data-directory";
        Path directory = dataDir.toAbsolutePath().normalize();
        Path existing = directory;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            return Finding.problem(
                    check,
                    "data_dir " + directory + ": " + existing + " is no directory",
                    "The embedded Redis keeps its data there. Name another place, or use a Redis of your own (redis_host):",
                    "redmessenger serve --data-dir " + directory + "-redis");
        }
        if (!Files.isWritable(existing)) {
            return Finding.problem(
                    check,
                    "data_dir " + directory + ": this user may not write to " + existing,
                    "The embedded Redis keeps its data there. Make it a directory of this user's, or use a Redis of your own"
                            + " (redis_host):",
                    "sudo install -d -m 700 -o \"$(id -un)\" '"
                            + directory.toString().replace("'", "'\\''") + "'");
        }
        return Finding.ok(check, "data_dir " + directory + (existing.equals(directory) ? "" : " will be created"));
    }
}

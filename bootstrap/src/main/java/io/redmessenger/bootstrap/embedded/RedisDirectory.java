package io.redmessenger.bootstrap.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;

/**
 * What lies in the data directory:
 *
 * <pre>
 * redis/            the append-only file
 * redis.log         what Redis says
 * redis.port        where it listens, or listened last
 * redis.pid         its process, while it runs
 * redis.lock        locked by the server that uses the directory
 * bin/              the executable
 * </pre>
 */
final class RedisDirectory {

    private static final long LARGEST_LOG = 10L << 20;
    private static final int TAIL_LINES = 5;

    private final Path root;

    private RedisDirectory(Path root) {
        this.root = root;
    }

    /** A directory to look into; nothing is created. */
    static RedisDirectory at(Path root) {
        return new RedisDirectory(root.toAbsolutePath().normalize());
    }

    /** A directory to work in, created for the owner alone where it is missing. */
    static RedisDirectory prepared(Path root) throws IOException {
        RedisDirectory directory = at(root);
        if (!Files.isDirectory(directory.root)) {
            Files.createDirectories(
                    directory.root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        // links resolved, because Redis and the process table name real paths
        RedisDirectory real = new RedisDirectory(directory.root.toRealPath());
        Files.createDirectories(real.data());
        Files.createDirectories(real.binaries());
        return real;
    }

    Path data() {
        return root.resolve("redis");
    }

    Path binaries() {
        return root.resolve("bin");
    }

    Path log() {
        return root.resolve("redis.log");
    }

    Path pid() {
        return root.resolve("redis.pid");
    }

    private Path port() {
        return root.resolve("redis.port");
    }

    /**
     * Takes the directory for this process, until the channel is closed or the process ends in whatever way.
     *
     * @throws EmbeddedRedisException when somebody else has it
     */
    @SuppressWarnings("StreamResourceLeak")
    FileChannel lock() throws IOException {
        FileChannel channel =
                FileChannel.open(root.resolve("redis.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // somebody else in this very process
        }
        channel.close();
        throw new EmbeddedRedisException("another RedMessenger uses the data directory " + root
                + "; give this one a data_dir of its own, or for a second node on the same messages set redis_host to"
                + " 127.0.0.1"
                + (recordedPort().isPresent()
                        ? " and redis_port to " + recordedPort().getAsInt()
                        : ""));
    }

    void recordPort(int port) throws IOException {
        Path unfinished = root.resolve("redis.port.part");
        Files.writeString(unfinished, port + "\n");
        Files.move(unfinished, port(), StandardCopyOption.ATOMIC_MOVE);
    }

    void forgetPort() throws IOException {
        Files.deleteIfExists(port());
    }

    OptionalInt recordedPort() {
        try {
            int port = Integer.parseInt(Files.readString(port()).strip());
            return port > 0 && port <= 65_535 ? OptionalInt.of(port) : OptionalInt.empty();
        } catch (IOException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /** Puts a log that has grown large aside, in place of the one before. */
    void rotateLog() throws IOException {
        if (Files.exists(log()) && Files.size(log()) > LARGEST_LOG) {
            Files.move(log(), root.resolve("redis.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The last lines of the log, on one line. */
    String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log(), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
            return String.join(" / ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "no log";
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }
}

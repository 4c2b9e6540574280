package io.redmessenger.bootstrap.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A running {@code redis-server} on a data directory.
 *
 * <p>It is started as a daemon, in a session of its own: Ctrl-C in a terminal reaches every process of the foreground group,
 * and would end Redis while the server still has messages to store. So it is nobody's child, and one that we have started
 * does not differ from one that an earlier, killed server has left behind.
 */
final class RedisProcess {

    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Duration START = Duration.ofSeconds(10);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final long TURN_MILLIS = 10;

    private final ProcessHandle handle;
    private final int port;

    private RedisProcess(ProcessHandle handle, int port) {
        this.handle = handle;
        this.port = port;
    }

    int port() {
        return port;
    }

    long pid() {
        return handle.pid();
    }

    /** Finds the Redis that an earlier server has left running on the directory, once it is ready. */
    static Optional<RedisProcess> leftBehind(RedisDirectory directory) throws IOException {
        if (directory.recordedPort().isEmpty()) {
            return Optional.empty();
        }
        int port = directory.recordedPort().getAsInt();
        Optional<ProcessHandle> handle = serving(directory, port);
        if (handle.isEmpty() && !running(directory).isEmpty()) {
            // started a moment ago, perhaps
            handle = awaitServing(directory, port);
        }
        return handle.isEmpty()
                ? Optional.empty()
                : Optional.of(new RedisProcess(handle.get(), port).awaitLoaded(directory));
    }

    /** Ends every Redis that runs on the directory. */
    static void endAll(RedisDirectory directory) {
        for (ProcessHandle handle : running(directory)) {
            end(handle);
        }
    }

    /** @throws EmbeddedRedisException when Redis does not start; the message has the end of its log */
    static RedisProcess launch(Path binary, RedisDirectory directory, int port) throws IOException {
        directory.rotateLog();
        directory.recordPort(port);
        Process launcher;
        try {
            launcher = new ProcessBuilder(command(binary, directory, port))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(directory.log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new EmbeddedRedisException(
                    "cannot execute " + binary + " (" + e.getMessage() + "); if data_dir lies on a file system that is"
                            + " mounted noexec, set data_dir to another place, or set redis_host to a Redis of your own",
                    e);
        }
        try {
            if (!launcher.waitFor(START.toMillis(), TimeUnit.MILLISECONDS) || launcher.exitValue() != 0) {
                launcher.destroyForcibly();
                throw failedToStart(directory, port);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedRedisException("interrupted while Redis started", e);
        }
        ProcessHandle handle = awaitServing(directory, port).orElseThrow(() -> failedToStart(directory, port));
        return new RedisProcess(handle, port).awaitLoaded(directory);
    }

    private static EmbeddedRedisException failedToStart(RedisDirectory directory, int port) {
        return new EmbeddedRedisException("the embedded Redis did not start on port " + port + "; the end of "
                + directory.log() + " is: " + directory.endOfLog());
    }

    private static List<String> command(Path binary, RedisDirectory directory, int port) {
        return List.of(
                binary.toString(),
                "--daemonize",
                "yes",
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                directory.data().toString(),
                "--pidfile",
                directory.pid().toString(),
                "--logfile",
                directory.log().toString(),
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--save",
                "",
                // an inbox must never be evicted: a full Redis refuses, and the publisher hears of it
                "--maxmemory-policy",
                "noeviction",
                // Redis cuts off a subscriber that lags by its default of 32mb, and what it was sent is lost. A server
                // that
                // stands still for a moment under a flood of PUBLISH must not lose messages by that.
                "--client-output-buffer-limit",
                "pubsub",
                "256mb",
                "128mb",
                "60");
    }

    private static Optional<ProcessHandle> awaitServing(RedisDirectory directory, int port) {
        long deadline = System.nanoTime() + START.toNanos();
        Optional<ProcessHandle> handle = serving(directory, port);
        while (handle.isEmpty() && System.nanoTime() < deadline && mayBeRunning(directory)) {
            pause();
            handle = serving(directory, port);
        }
        return handle;
    }

    /** The process that answers on the port, if it works on our directory: a loading one does answer that. */
    private static Optional<ProcessHandle> serving(RedisDirectory directory, int port) {
        try (RespConnection connection = RespConnection.open(port, ANSWER)) {
            if (!connection
                    .ask("CONFIG", "GET", "dir")
                    .equals(List.of("dir", directory.data().toString()))) {
                return Optional.empty();
            }
            return connection.ask("INFO", "server").stream()
                    .flatMap(String::lines)
                    .filter(line -> line.startsWith("process_id:"))
                    .flatMap(line -> ProcessHandle.of(Long.parseLong(line.substring("process_id:".length()))).stream())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Waits while Redis reads its file, however long that is. */
    private RedisProcess awaitLoaded(RedisDirectory directory) throws IOException {
        while (true) {
            String reply = ping();
            if (reply.equals("PONG")) {
                return this;
            }
            if (!reply.startsWith("-LOADING")) {
                throw new EmbeddedRedisException("the embedded Redis on port " + port + " answers " + reply
                        + "; the end of " + directory.log() + " is: " + directory.endOfLog());
            }
            pause();
        }
    }

    private String ping() {
        try (RespConnection connection = RespConnection.open(port, ANSWER)) {
            return connection.ask("PING").get(0);
        } catch (IOException e) {
            return "nothing (" + e.getMessage() + ")";
        }
    }

    /** Blocks until the connection that watches it has ended, which is at once when Redis dies. */
    RespConnection watch() throws IOException {
        return RespConnection.open(port, ANSWER);
    }

    boolean isGone() {
        return isGone(handle);
    }

    /**
     * Whether it has ended and given back its port. One that nobody waits for, as in a container whose first process is
     * ours, stays in the process table as a zombie.
     */
    private static boolean isGone(ProcessHandle handle) {
        return !handle.isAlive() || isZombie(handle.pid());
    }

    private static boolean isZombie(long pid) {
        try {
            String status = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return status.startsWith("Z", status.lastIndexOf(')') + 2);
        } catch (IOException e) {
            // gone, or not Linux
            return false;
        }
    }

    /** Ends it as gently as possible: Redis writes what it has to its file first. */
    void end() {
        end(handle);
    }

    private static void end(ProcessHandle handle) {
        handle.destroy();
        awaitGone(handle);
        if (!isGone(handle)) {
            handle.destroyForcibly();
            awaitGone(handle);
        }
    }

    private static void awaitGone(ProcessHandle handle) {
        long deadline = System.nanoTime() + STOP.toNanos();
        while (!isGone(handle) && System.nanoTime() < deadline) {
            pause();
        }
    }

    private static boolean mayBeRunning(RedisDirectory directory) {
        return !canSeeCommands() || !running(directory).isEmpty();
    }

    private static boolean canSeeCommands() {
        return ProcessHandle.current().info().command().isPresent();
    }

    /** Every process whose executable lies in the directory is ours, whatever the files about it say. */
    private static List<ProcessHandle> running(RedisDirectory directory) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> Path.of(command).startsWith(directory.binaries()))
                        .isPresent())
                .toList();
    }

    /** Whether something listens on the port, on loopback or on all addresses. */
    static boolean isTaken(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) ANSWER.toMillis());
            return true;
        } catch (IOException e) {
            // nobody answers; it may still be bound
        }
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return !socket.isBound();
        } catch (IOException e) {
            return true;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(TURN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedRedisException("interrupted while waiting for Redis", e);
        }
    }
}

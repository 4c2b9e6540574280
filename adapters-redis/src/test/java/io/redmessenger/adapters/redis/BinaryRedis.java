package io.redmessenger.adapters.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@code redis-server} process: the one in the embedded-redis jar, or one on the PATH where that has none. */
final class BinaryRedis implements RedisServer {

    private final Path binary;
    private final Path directory;
    private final int port;
    private final Thread killer = new Thread(this::kill);
    private @Nullable Process process;

    private BinaryRedis(Path binary) throws IOException {
        this.binary = binary;
        this.directory = Files.createTempDirectory("redmessenger-test-redis");
        this.port = freePort();
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /** Returns empty when there is no binary for this machine. */
    static Optional<BinaryRedis> find() {
        try {
            Optional<Path> binary = extracted().or(BinaryRedis::onPath);
            return binary.isPresent() ? Optional.of(new BinaryRedis(binary.get())) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Optional<Path> extracted() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String arch = machine.equals("aarch64") || machine.equals("arm64") ? "arm64" : "amd64";
        String name = "redis-server-7.0.15-" + (os.contains("mac") ? "darwin" : "linux") + "-" + arch;
        try (InputStream in = BinaryRedis.class.getResourceAsStream("/" + name)) {
            if (in == null || os.contains("win")) {
                return Optional.empty();
            }
            Path target = Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "redmessenger-test-" + name);
            byte[] bytes = in.readAllBytes();
            if (!Files.isExecutable(target) || Files.size(target) != bytes.length) {
                Path part = Files.createTempFile(target.getParent(), name, ".part");
                Files.write(part, bytes);
                if (!part.toFile().setExecutable(true)) {
                    return Optional.empty();
                }
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return Optional.of(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String description() {
        return "the binary " + binary;
    }

    @Override
    public void start() {
        try {
            process = new ProcessBuilder(List.of(
                            binary.toString(),
                            "--port",
                            Integer.toString(port),
                            "--bind",
                            host(),
                            "--dir",
                            directory.toString(),
                            "--appendonly",
                            "yes",
                            "--save",
                            "",
                            "--loglevel",
                            "warning"))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RedisPing.awaitAnswer(host(), port);
    }

    @Override
    public void stop() {
        end(Process::destroy);
    }

    @Override
    public void kill() {
        end(Process::destroyForcibly);
    }

    private void end(Consumer<Process> how) {
        Process running = process;
        if (running == null) {
            return;
        }
        process = null;
        how.accept(running);
        try {
            if (!running.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("redis-server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void pause() {
        signal("-STOP");
    }

    @Override
    public void resume() {
        signal("-CONT");
    }

    private void signal(String name) {
        Process running = process;
        if (running == null) {
            return;
        }
        try {
            int status = new ProcessBuilder("kill", name, Long.toString(running.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill " + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(killer);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

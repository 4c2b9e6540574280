package io.redmessenger.adapters.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** A {@code redis-server} process: the one in the embedded-redis jar, or one on the PATH where that has none. */
final class BinaryRedis implements RedisServer {

    private static final int LOWEST_PORT = 15_000;
    private static final int HIGHEST_PORT = 32_000;
    private static final int PORT_TRIES = 100;

    private static final String CHOSEN = "REDMESSENGER_TEST_BINARY";

    private final Path binary;
    private final Path directory;
    private final int port;
    private final Thread killer = new Thread(this::kill);
    private final ServerProcess process = new ServerProcess();

    private BinaryRedis(Path binary) throws IOException {
        this.binary = binary;
        this.directory = Files.createTempDirectory("redmessenger-test-redis");
        this.port = freePort();
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /** Returns empty when there is no binary for this machine. */
    static Optional<BinaryRedis> find() {
        try {
            Optional<Path> binary = binary();
            return binary.isPresent() ? Optional.of(new BinaryRedis(binary.get())) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The {@code redis-server} of {@value #CHOSEN}, or one for this machine. */
    static Optional<Path> binary() {
        return Optional.ofNullable(System.getenv(CHOSEN))
                .map(Path::of)
                .or(BinaryRedis::extracted)
                .or(BinaryRedis::onPath);
    }

    /** A port that is free, and not one of those that systems give to clients, of which some may be given before it is bound. */
    static int freePort() throws IOException {
        IOException taken = new IOException("no free port");
        for (int i = 0; i < PORT_TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                taken = e;
            }
        }
        throw taken;
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
        process.start(
                List.of(
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
                        "warning"),
                directory.resolve("log"));
        RedisPing.awaitAnswer(host(), port);
    }

    @Override
    public void stop() {
        process.stop();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void pause() {
        process.pause();
    }

    @Override
    public void resume() {
        process.resume();
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(killer);
        ServerProcess.delete(directory);
    }
}

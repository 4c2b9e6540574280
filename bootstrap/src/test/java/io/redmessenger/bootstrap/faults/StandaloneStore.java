package io.redmessenger.bootstrap.faults;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.redmessenger.application.contract.Await;
import io.redmessenger.bootstrap.e2e.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One {@code redis-server} that writes every command to its append-only file before it answers: nothing answered is lost. */
final class StandaloneStore implements Store {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final RedisClient client = RedisClient.create();
    private final Path directory;
    private final int port;
    private final Thread killer = new Thread(this::kill);
    private Process process;

    StandaloneStore(Path directory) {
        try {
            this.directory = Files.createDirectories(directory);
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            client.setOptions(withoutReconnect());
            process = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(killer);
        awaitAnswer();
    }

    /** Lettuce would send a command again whose answer it has not seen. */
    static ClientOptions withoutReconnect() {
        return ClientOptions.builder().autoReconnect(false).build();
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        "redis-server",
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--dir",
                        directory.toString(),
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always",
                        "--save",
                        "",
                        "--logfile",
                        "redis.log")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
    }

    private void awaitAnswer() {
        Await.until("Redis answers", Duration.ofSeconds(60), () -> {
            try {
                return ask("", RedisClusterCommands::ping).equals("PONG");
            } catch (RedisException e) {
                return false;
            }
        });
    }

    @Override
    public List<String> flags(int link) {
        return List.of("--redis-host", "127.0.0.1", "--redis-port", Integer.toString(link));
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int replicas() {
        return 0;
    }

    @Override
    public Session connect() {
        StatefulRedisConnection<String, String> connection = client.connect(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(port)
                .withTimeout(TIMEOUT)
                .build());
        return session(connection);
    }

    static Session session(StatefulRedisConnection<String, String> connection) {
        return new Session() {
            @Override
            public RedisClusterCommands<String, String> redis(String key) {
                return connection.sync();
            }

            @Override
            public void close() {
                connection.closeAsync();
            }
        };
    }

    @Override
    public String key(String before, String id, String after) {
        return before + id + after;
    }

    @Override
    public void harm(FaultKind kind, int shard) {
        switch (kind) {
            case REDIS_KILL -> kill();
            case REDIS_TERMINATE -> {
                process.destroy();
                Await.value(process.onExit());
            }
            case REDIS_PAUSE -> ServerProcess.signal(process.toHandle(), "STOP");
            case REDIS_CLIENTS_KILLED -> ask("", redis -> redis.clientKill(KillArgs.Builder.skipme()));
            case REDIS_SCRIPTS_FLUSHED -> ask("", RedisClusterCommands::scriptFlush);
            default -> throw new IllegalArgumentException(kind.name());
        }
    }

    private void kill() {
        process.destroyForcibly();
        Await.value(process.onExit());
    }

    @Override
    public void mend() {
        try {
            if (process.isAlive()) {
                ServerProcess.signal(process.toHandle(), "CONT");
            } else {
                process = launch();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitAnswer();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        Runtime.getRuntime().removeShutdownHook(killer);
        kill();
    }
}

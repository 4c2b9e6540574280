package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One {@code redis-server} of several, with a configuration file that Redis itself may rewrite. */
final class ConfiguredRedis {

    static final String HOST = "127.0.0.1";

    private final Path binary;
    private final Path directory;
    private final Path configuration;
    private final int port;
    private final boolean sentinel;
    private final RedisClient client;
    private final ServerProcess process = new ServerProcess();
    private boolean paused;
    private @Nullable StatefulRedisConnection<String, String> connection;

    /** @param lines what its configuration has besides port, address and directory */
    ConfiguredRedis(RedisClient client, boolean sentinel, List<String> lines) {
        this.client = client;
        this.sentinel = sentinel;
        this.binary = BinaryRedis.binary()
                .orElseThrow(() -> new IllegalStateException("the test needs a redis-server on the PATH"));
        try {
            this.directory = Files.createTempDirectory("redmessenger-test-redis");
            this.port = BinaryRedis.freePort();
            this.configuration = directory.resolve("redis.conf");
            List<String> all = new ArrayList<>(List.of("port " + port, "bind " + HOST, "dir " + directory));
            all.addAll(lines);
            Files.write(configuration, all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /** Starts it, or starts it again; does not wait. */
    void start() {
        startWith();
    }

    /** Starts it with options that stand in no file. */
    void startWith(String... options) {
        List<String> command = new ArrayList<>(List.of(binary.toString(), configuration.toString()));
        command.addAll(List.of(options));
        if (sentinel) {
            command.add("--sentinel");
        }
        process.start(command, directory.resolve("log"));
    }

    void awaitAnswer() {
        RedisPing.awaitAnswer(HOST, port);
    }

    boolean isRunning() {
        return process.isRunning();
    }

    boolean isPaused() {
        return paused;
    }

    void kill() {
        disconnect();
        process.kill();
        paused = false;
    }

    /** Kills the process that saves for it. */
    void killChild() {
        process.killChild();
    }

    void pause() {
        disconnect();
        process.pause();
        paused = true;
    }

    void resume() {
        if (paused) {
            process.resume();
            paused = false;
        }
    }

    /** Asks it something, on a connection of the test's own. */
    <T> T ask(Function<StatefulRedisConnection<String, String>, T> question) {
        StatefulRedisConnection<String, String> open = connection;
        if (open == null) {
            open = client.connect(StringCodec.UTF8, RedisURI.create(HOST, port));
            connection = open;
        }
        return question.apply(open);
    }

    /** The value of a line {@code name:value} of what INFO says, or of what CLUSTER INFO says. */
    static Optional<String> field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1))
                .findFirst();
    }

    /** The value of a line of INFO; none when it does not answer. */
    Optional<String> info(String section, String name) {
        if (!isRunning() || paused) {
            return Optional.empty();
        }
        try {
            return field(ask(redis -> redis.sync().info(section)), name);
        } catch (RedisException e) { // a sentinel makes a server close its connections when it gives that another role
            return Optional.empty();
        }
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    void close() {
        resume();
        kill();
        ServerProcess.delete(directory);
    }
}

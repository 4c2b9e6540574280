package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Redis for the tests of one class, empty when a test begins. Register it as a static field.
 *
 * <p>It runs in a container when a Docker engine answers, else as a process. {@code REDMESSENGER_TEST_REDIS=docker} or
 * {@code binary} (environment, or the system property {@code redmessenger.test.redis}) insists on one of them, and fails
 * where there is none. {@code REDMESSENGER_TEST_IMAGE} ({@code redmessenger.test.image}) names the image, by default
 * {@value #DEFAULT_IMAGE}.
 */
public final class RedisExtension implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {

    private static final Logger log = LoggerFactory.getLogger(RedisExtension.class);
    private static final String DEFAULT_IMAGE = "redis:7.0-alpine";

    private @Nullable RedisServer server;
    private @Nullable RedisClient client;
    private @Nullable StatefulRedisConnection<String, String> connection;
    private boolean paused;
    private boolean stopped;

    @Override
    public void beforeAll(ExtensionContext context) {
        RedisServer chosen = choose();
        chosen.start();
        log.info("Redis for {}: {}, port {}", context.getDisplayName(), chosen.description(), chosen.port());
        server = chosen;
        client = RedisClient.create(RedisURI.create(uri()));
    }

    private static RedisServer choose() {
        String insisted = setting("redmessenger.test.redis", "REDMESSENGER_TEST_REDIS", "any");
        String image = setting("redmessenger.test.image", "REDMESSENGER_TEST_IMAGE", DEFAULT_IMAGE);
        switch (insisted) {
            case "docker" -> {
                return new ContainerRedis(image);
            }
            case "binary" -> {
                return binary().orElseThrow(() -> new IllegalStateException("no redis-server for this machine"));
            }
            case "any" -> {
                return ContainerRedis.isEngineThere()
                        ? new ContainerRedis(image)
                        : binary().orElseThrow(() -> new IllegalStateException(
                                "the tests need a Docker engine, or a redis-server on the PATH"));
            }
            default -> throw new IllegalStateException("REDMESSENGER_TEST_REDIS is docker or binary, not " + insisted);
        }
    }

    private static Optional<RedisServer> binary() {
        return BinaryRedis.find().map(binary -> binary);
    }

    private static String setting(String property, String variable, String otherwise) {
        String value = System.getProperty(property, System.getenv(variable));
        return value == null ? otherwise : value.toLowerCase(Locale.ROOT);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        resume();
        start();
        redis().configResetstat();
        redis().flushall();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        resume();
        if (client != null) {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
        server().close();
    }

    private RedisServer server() {
        if (server == null) {
            throw new IllegalStateException("register the extension as a static field");
        }
        return server;
    }

    /** {@code redis://HOST:PORT}. */
    public String uri() {
        return "redis://" + host() + ":" + port();
    }

    public String host() {
        return server().host();
    }

    /** The same before and after a restart. */
    public int port() {
        return server().port();
    }

    /** A connection of the test's own. */
    public RedisCommands<String, String> redis() {
        RedisClient own = client;
        if (own == null) {
            throw new IllegalStateException("register the extension as a static field");
        }
        StatefulRedisConnection<String, String> open = connection;
        if (open == null) {
            open = own.connect();
            connection = open;
        }
        return open.sync();
    }

    /** Starts it after {@link #stop} or {@link #kill}, on the same port and with its data; returns once it answers. */
    public void start() {
        if (stopped) {
            server().start();
            stopped = false;
        }
    }

    /** Ends it in an orderly way. */
    public void stop() {
        disconnect();
        server().stop();
        stopped = true;
    }

    /** Ends it by SIGKILL. */
    public void kill() {
        disconnect();
        server().kill();
        stopped = true;
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /** Makes it stand still: connections stay open, and nothing is answered. */
    public void pause() {
        server().pause();
        paused = true;
    }

    /** Ends {@link #pause}. */
    public void resume() {
        if (paused) {
            server().resume();
            paused = false;
        }
    }
}

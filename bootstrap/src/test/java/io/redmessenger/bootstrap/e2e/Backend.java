package io.redmessenger.bootstrap.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A backend: any program that speaks to Redis. */
final class Backend implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final StatefulRedisConnection<byte[], byte[]> bytes;
    private final int httpPort;

    Backend(ServerProcess server) {
        client = RedisClient.create("redis://127.0.0.1:" + server.redisPort() + "?timeout=20s");
        connection = client.connect();
        bytes = client.connect(ByteArrayCodec.INSTANCE);
        httpPort = server.port();
    }

    RedisCommands<String, String> redis() {
        return connection.sync();
    }

    void publish(String channel, String payload) {
        long nodes = connection.sync().publish(channel, payload);
        if (nodes == 0) {
            throw new AssertionError("nobody listens");
        }
    }

    /** Publishes many at once, in order. */
    void publishAll(String channel, List<String> payloads) {
        connection.setAutoFlushCommands(false);
        var stages = payloads.stream()
                .map(payload -> connection.async().publish(channel, payload))
                .toList();
        connection.flushCommands();
        connection.setAutoFlushCommands(true);
        stages.get(stages.size() - 1)
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    void publishBytes(String channel, byte[] payload) {
        bytes.sync().publish(channel.getBytes(UTF_8), payload);
    }

    long waiting(String user) {
        return connection.sync().llen("rm:users:" + user + ":messages");
    }

    /** A counter of the server's metrics. */
    long metric(String name) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/metrics"))
                    .build();
            String text =
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return text.lines()
                    .filter(line -> line.startsWith("redmessenger_" + name + " "))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no metric " + name + " in\n" + text));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}

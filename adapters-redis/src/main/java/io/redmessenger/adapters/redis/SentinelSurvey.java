package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.redmessenger.adapters.redis.diagnosis.Fields;
import io.redmessenger.adapters.redis.diagnosis.TopologyChecks;
import io.redmessenger.adapters.redis.diagnosis.TopologyChecks.Sentinel;
import io.redmessenger.application.port.out.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks every sentinel what it knows. */
final class SentinelSurvey {

    private final RedisSettings settings;
    private final RedisConnections connections;
    private final String master;

    /** @param master the name that sentinels have for it */
    SentinelSurvey(RedisSettings settings, RedisConnections connections, String master) {
        this.settings = settings;
        this.connections = connections;
        this.master = master;
    }

    /** The stage never fails. */
    CompletionStage<Finding> look() {
        Map<String, List<RedisURI>> ways = new LinkedHashMap<>(); // without and with a password
        settings.sentinels()
                .forEach(uri -> ways.computeIfAbsent(RedisSettings.address(uri), address -> new ArrayList<>())
                        .add(uri));
        CompletionStage<List<Sentinel>> all = CompletableFuture.completedFuture(List.of());
        for (List<RedisURI> one : ways.values()) {
            all = all.thenCompose(before -> ask(one).thenApply(answer -> {
                List<Sentinel> together = new ArrayList<>(before);
                together.add(answer);
                return together;
            }));
        }
        return all.thenApply(sentinels -> TopologyChecks.sentinels(master, sentinels));
    }

    private CompletionStage<Sentinel> ask(List<RedisURI> ways) {
        return ask(ways.get(0))
                .thenCompose(answer -> answer.master().isPresent() || ways.size() < 2
                        ? CompletableFuture.completedFuture(answer)
                        : ask(ways.get(1)));
    }

    private CompletionStage<Sentinel> ask(RedisURI uri) {
        Sentinel silent = new Sentinel(RedisDiagnosis.cli(settings, uri), Optional.empty(), Optional.empty());
        return Answer.to(() -> connections.at(uri)).thenCompose(opened -> {
            if (opened.value().isEmpty()) {
                return CompletableFuture.completedFuture(silent);
            }
            StatefulRedisConnection<byte[], byte[]> connection = opened.value().get();
            return knowledge(connection)
                    .thenCompose(known -> quorum(connection).thenApply(quorum -> {
                        RedisConnections.release(connection);
                        return new Sentinel(silent.cli(), known.value().map(SentinelSurvey::fields), complaint(quorum));
                    }));
        });
    }

    private CommandArgs<byte[], byte[]> arguments(String subcommand) {
        return new CommandArgs<>(ByteArrayCodec.INSTANCE).add(subcommand).add(master);
    }

    private CompletionStage<Answer<List<Object>>> knowledge(StatefulRedisConnection<byte[], byte[]> connection) {
        return Answer.to(() -> connection
                .async()
                .dispatch(CommandType.SENTINEL, new NestedMultiOutput<>(ByteArrayCodec.INSTANCE), arguments("MASTER")));
    }

    private CompletionStage<Answer<String>> quorum(StatefulRedisConnection<byte[], byte[]> connection) {
        return Answer.to(() -> connection
                .async()
                .dispatch(CommandType.SENTINEL, new StatusOutput<>(ByteArrayCodec.INSTANCE), arguments("CKQUORUM")));
    }

    /** What it lacks for a failover; a right that is missing says nothing about that. */
    private static Optional<String> complaint(Answer<String> quorum) {
        return quorum.isRefusedBy("NOQUORUM") ? Optional.of(quorum.refusal()) : Optional.empty();
    }

    /** Names and values take turns. */
    private static Fields fields(List<Object> reply) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            if (reply.get(i) instanceof byte[] name && reply.get(i + 1) instanceof byte[] value) {
                fields.put(new String(name, UTF_8), new String(value, UTF_8));
            }
        }
        return new Fields(fields);
    }
}

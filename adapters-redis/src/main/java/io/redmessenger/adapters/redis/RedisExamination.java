package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientListArgs;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.adapters.redis.diagnosis.Fields;
import io.redmessenger.adapters.redis.diagnosis.KeyTypes;
import io.redmessenger.adapters.redis.diagnosis.PublicationChecks;
import io.redmessenger.adapters.redis.diagnosis.RedisCli;
import io.redmessenger.adapters.redis.diagnosis.RedisRights;
import io.redmessenger.adapters.redis.diagnosis.ServerChecks;
import io.redmessenger.adapters.redis.diagnosis.ServerFacts;
import io.redmessenger.adapters.redis.diagnosis.ServerFacts.ClockReading;
import io.redmessenger.adapters.redis.diagnosis.SubscriberCheck;
import io.redmessenger.adapters.redis.diagnosis.TopologyChecks;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.StoreDiagnosis;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One diagnosis of a Redis that answers: asks, one question after the other, and hands the answers to the checks. */
final class RedisExamination {

    private static final Logger log = LoggerFactory.getLogger(RedisExamination.class);

    private static final Pattern USER = Pattern.compile(" user=(\\S+)");

    /** The parameters of Redis that the checks look at. */
    private static final List<String> PARAMETERS = List.of(
            "appendonly",
            "appendfsync",
            "save",
            "stop-writes-on-bgsave-error",
            "client-output-buffer-limit",
            "min-replicas-to-write");

    private final RedisSettings settings;
    private final RedisConnections connections;
    private final RedisKeys keys;
    private final RedisCli cli;
    private final Clock clock;

    /** @param cli how an operator speaks to the home */
    RedisExamination(RedisSettings settings, RedisConnections connections, RedisCli cli, Clock clock) {
        this.settings = settings;
        this.connections = connections;
        this.keys = settings.cluster() ? RedisKeys.clustered() : RedisKeys.plain();
        this.cli = cli;
        this.clock = clock;
    }

    /** What each check finds. The stage never fails. */
    CompletionStage<List<Finding>> findings() {
        List<Supplier<CompletionStage<List<Finding>>>> parts = new ArrayList<>();
        parts.add(() -> alone(connection()));
        parts.add(settings.cluster() ? this::masters : this::home);
        parts.add(() -> alone(rights()));
        settings.sentinelMaster().ifPresent(name -> parts.add(() -> alone(sentinels(name))));
        if (settings.cluster()) {
            parts.add(() -> alone(cluster()));
        }
        parts.add(() -> alone(subscribers()));
        parts.add(() -> alone(gap()));
        parts.add(() -> alone(deadLetters()));
        parts.add(() -> alone(keyTypes()));
        CompletionStage<List<Finding>> all = CompletableFuture.completedFuture(List.of());
        for (Supplier<CompletionStage<List<Finding>>> part : parts) {
            all = all.thenCompose(before -> part.get().thenApply(found -> {
                List<Finding> together = new ArrayList<>(before);
                together.addAll(found);
                return together;
            }));
        }
        return all;
    }

    private static CompletionStage<List<Finding>> alone(CompletionStage<Finding> finding) {
        return finding.thenApply(found -> List.of(found));
    }

    private CompletionStage<Answer<String>> user() {
        return Answer.to(() -> connections.atHome().clientInfo())
                .thenApply(answer -> new Answer<>(
                        answer.value().map(USER::matcher).filter(Matcher::find).map(found -> found.group(1)),
                        answer.refusal()));
    }

    private String userOrConfigured(Answer<String> user) {
        return user.value().or(cli::user).orElse("default");
    }

    private CompletionStage<Finding> connection() {
        long before = System.nanoTime();
        return user().thenApply(user -> {
            long micros = (System.nanoTime() - before) / 1_000;
            return Finding.ok(
                    StoreDiagnosis.CONNECTION,
                    connections.address() + " answers within " + micros / 1_000 + "." + micros % 1_000 / 100
                            + " ms, as user " + userOrConfigured(user));
        });
    }

    private CompletionStage<List<Finding>> home() {
        return facts(connections.atHome(), cli).thenApply(ServerChecks::of);
    }

    /** Each master of a cluster; of each check, what is worst. */
    private CompletionStage<List<Finding>> masters() {
        return Answer.to(() -> connections.atHome().clusterNodes()).thenCompose(nodes -> {
            CompletionStage<List<ServerFindings>> all = CompletableFuture.completedFuture(List.of());
            for (String address : TopologyChecks.masters(nodes.value().orElse(""))) {
                all = all.thenCompose(before -> master(address).thenApply(found -> {
                    List<ServerFindings> together = new ArrayList<>(before);
                    found.ifPresent(together::add);
                    return together;
                }));
            }
            return all.thenApply(ServerFindings::worst);
        });
    }

    /** Empty when it cannot be reached: what that means, the check of the cluster says. */
    private CompletionStage<Optional<ServerFindings>> master(String address) {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon);
        int port = Integer.parseInt(address.substring(colon + 1));
        RedisURI uri = RedisURI.builder(connections.uri())
                .withHost(host)
                .withPort(port)
                .build();
        return Answer.to(() -> connections.at(uri)).thenCompose(opened -> {
            if (opened.value().isEmpty()) {
                log.debug("{} cannot be reached: {}", address, opened.refusal());
                return CompletableFuture.completedFuture(Optional.empty());
            }
            StatefulRedisConnection<byte[], byte[]> connection = opened.value().get();
            return facts(connection.async(), cli.at(host, port)).thenApply(facts -> {
                RedisConnections.release(connection);
                return Optional.of(new ServerFindings(address, ServerChecks.of(facts)));
            });
        });
    }

    private CompletionStage<ServerFacts> facts(RedisClusterAsyncCommands<byte[], byte[]> redis, RedisCli at) {
        CompletionStage<Answer<String>> info = Answer.to(redis::info);
        return info.thenCompose(informed -> configuration(redis)
                .thenCompose(config -> clock(redis)
                        .thenApply(reading -> new ServerFacts(
                                at,
                                informed.value().map(Fields::ofLines),
                                config,
                                reading,
                                settings.waitReplicas(),
                                settings.cluster()))));
    }

    /** Empty when CONFIG may not be used. */
    private CompletionStage<Optional<Fields>> configuration(RedisClusterAsyncCommands<byte[], byte[]> redis) {
        CompletionStage<Map<String, String>> all = CompletableFuture.completedFuture(new HashMap<>());
        for (String parameter : PARAMETERS) {
            all = all.thenCombine(Answer.to(() -> redis.configGet(parameter)), (known, answer) -> {
                answer.value().ifPresent(known::putAll);
                return known;
            });
        }
        return all.thenApply(known -> known.isEmpty() ? Optional.empty() : Optional.of(new Fields(known)));
    }

    private CompletionStage<Optional<ClockReading>> clock(RedisClusterAsyncCommands<byte[], byte[]> redis) {
        long before = System.nanoTime();
        return Answer.to(redis::time).thenApply(answer -> {
            Duration trip = Duration.ofNanos(System.nanoTime() - before).dividedBy(2);
            Instant here = clock.instant().minus(trip);
            return answer.value().filter(time -> time.size() == 2).map(time -> {
                Instant there = Instant.ofEpochSecond(number(time.get(0)), number(time.get(1)) * 1_000);
                return new ClockReading(Duration.between(here, there), trip);
            });
        });
    }

    private CompletionStage<Finding> rights() {
        RedisRights rights = RedisRights.of(settings.cluster());
        List<byte[]> words = new ArrayList<>();
        for (List<String> command : rights.commands()) {
            words.add(ScriptArguments.utf8(command.size()));
            command.forEach(word -> words.add(ScriptArguments.utf8(word)));
        }
        return user().thenCompose(user -> Answer.to(() -> connections
                        .atHome()
                        .<List<Long>>eval(
                                LuaScript.RIGHTS.source(),
                                ScriptOutputType.MULTI,
                                new byte[0][],
                                words.toArray(byte[][]::new)))
                .thenApply(answer -> answer.fold(
                        allowed -> rights.judge(cli, userOrConfigured(user), allowed),
                        refusal -> rights.refused(cli, user.value().or(cli::user), refusal))));
    }

    private CompletionStage<Finding> sentinels(String name) {
        return new SentinelSurvey(settings, connections, name).look();
    }

    private CompletionStage<Finding> cluster() {
        return Answer.to(() -> connections.atHome().clusterInfo())
                .thenCompose(info -> Answer.to(() -> connections.atHome().clusterNodes())
                        .thenApply(nodes -> TopologyChecks.cluster(
                                cli,
                                info.value().map(Fields::ofLines),
                                nodes.value().orElse(""))));
    }

    private CompletionStage<Finding> subscribers() {
        RedisClusterAsyncCommands<byte[], byte[]> redis = connections.atHome();
        return Answer.to(() -> redis.clientList(ClientListArgs.Builder.typePubsub()))
                .thenCompose(clients -> Answer.to(() -> redis.pubsubNumsub(RedisKeys.MARKERS))
                        .thenCompose(nodes -> Answer.to(redis::pubsubNumpat)
                                .thenApply(patterns -> subscribers(clients, nodes, patterns))));
    }

    private Finding subscribers(Answer<String> clients, Answer<Map<byte[], Long>> nodes, Answer<Long> patterns) {
        if (clients.value().isEmpty()
                || nodes.value().isEmpty()
                || patterns.value().isEmpty()) {
            return SubscriberCheck.refused(clients.value().isEmpty() ? clients.refusal() : nodes.refusal());
        }
        long listening =
                nodes.value().get().values().stream().mapToLong(Long::longValue).sum();
        return SubscriberCheck.of(
                cli, clients.value().get(), listening, patterns.value().get());
    }

    private CompletionStage<Finding> gap() {
        return Answer.to(() -> connections.get().hgetall(keys.heard()))
                .thenApply(answer -> answer.fold(
                        heard -> PublicationChecks.gap(cli, fields(heard), clock.instant()),
                        refusal -> PublicationChecks.refused(true, cli, refusal)));
    }

    private static Fields fields(Map<byte[], byte[]> hash) {
        Map<String, String> fields = new HashMap<>();
        hash.forEach((name, value) -> fields.put(new String(name, UTF_8), new String(value, UTF_8)));
        return new Fields(fields);
    }

    /** By XINFO, which the documented rights have, unlike XLEN. */
    private CompletionStage<Finding> deadLetters() {
        return Answer.to(() -> connections.get().xinfoStream(RedisKeys.DEAD_STREAM))
                .thenApply(answer -> answer.isRefusedBy("no such key")
                        ? PublicationChecks.dead(cli, 0)
                        : answer.fold(
                                stream -> PublicationChecks.dead(cli, length(stream)),
                                refusal -> PublicationChecks.refused(false, cli, refusal)));
    }

    /** Names and values take turns. */
    private static long length(List<Object> stream) {
        for (int i = 0; i + 1 < stream.size(); i += 2) {
            if (stream.get(i) instanceof byte[] name
                    && new String(name, UTF_8).equals("length")
                    && stream.get(i + 1) instanceof Long length) {
                return length;
            }
        }
        return 0;
    }

    private CompletionStage<Finding> keyTypes() {
        KeyTypes types = new KeyTypes(settings.cluster());
        return Answer.to(() -> new KeyWalk(connections, types).walk())
                .thenApply(answer ->
                        answer.fold(extent -> types.judge(cli, extent), refusal -> KeyTypes.refused(cli, refusal)));
    }

    private static long number(byte[] text) {
        return Long.parseLong(new String(text, UTF_8));
    }
}

package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisURI;
import io.redmessenger.adapters.redis.diagnosis.RedisCli;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.StoreDiagnosis;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at a Redis, or at several that belong together, on connections of its own. Only reads. */
final class RedisDiagnosis implements StoreDiagnosis {

    private static final int OPEN_TIMEOUTS = 3; // to find the home, to connect, to connect to the others

    private final RedisSettings settings;
    private final Clock clock;

    RedisDiagnosis(RedisSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public CompletionStage<List<Finding>> examine() {
        RedisConnections connections = new RedisConnections(settings);
        Duration limit = settings.commandTimeout().multipliedBy(OPEN_TIMEOUTS);
        return connections
                .open()
                .toCompletableFuture()
                .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .handle((opened, failure) -> failure)
                .thenCompose(failure -> look(connections, failure))
                .thenCompose(findings -> connections.close().thenApply(closed -> findings));
    }

    private CompletionStage<List<Finding>> look(RedisConnections connections, @Nullable Throwable failure) {
        if (failure == null) {
            return new RedisExamination(settings, connections, cli(settings, connections.uri()), clock).findings();
        }
        boolean sentinel = settings.sentinelMaster().isPresent();
        RedisURI first =
                sentinel ? settings.sentinels().get(0) : settings.lettuceUris().get(0);
        return CompletableFuture.completedFuture(
                List.of(ConnectionFailure.explain(failure, cli(settings, first), sentinel)));
    }

    /** How an operator speaks to a server with what is configured. */
    static RedisCli cli(RedisSettings settings, RedisURI at) {
        String authority = String.valueOf(URI.create(settings.uri()).getRawAuthority());
        int end = authority.lastIndexOf('@');
        Optional<String> info = end < 0
                ? Optional.empty()
                : Optional.ofNullable(URI.create("redis://" + authority.substring(0, end) + "@host")
                        .getUserInfo());
        Optional<String> user =
                info.filter(text -> text.indexOf(':') > 0).map(text -> text.substring(0, text.indexOf(':')));
        return new RedisCli(
                at.getHost(),
                at.getPort(),
                user,
                info.isPresent() || settings.password().isPresent(),
                at.getDatabase(),
                at.isSsl(),
                settings.authorities(),
                settings.cluster());
    }
}

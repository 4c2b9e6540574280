package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Keys as a STRING each, which backends may set themselves. */
final class RedisCredentialStore implements CredentialStore {

    private final Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands;
    private final RedisKeys keys;
    private final RateLimitedLog warnings =
            new RateLimitedLog(LoggerFactory.getLogger(RedisCredentialStore.class), Clock.systemUTC());

    RedisCredentialStore(Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands, RedisKeys keys) {
        this.commands = commands;
        this.keys = keys;
    }

    @Override
    public CompletionStage<Optional<Credential>> credentialOf(UserId user) {
        return ask(redis -> redis.get(keys.key(user)).thenApply(secret -> credential(user, secret)));
    }

    /** A key that cannot be one lets nobody in, as none does. */
    private Optional<Credential> credential(UserId user, byte @Nullable [] secret) {
        if (secret == null) {
            return Optional.empty();
        }
        try {
            Optional<Credential> credential = StrictUtf8.decode(secret).map(Credential::new);
            if (credential.isPresent()) {
                return credential;
            }
        } catch (IllegalArgumentException e) {
            // too long, or empty: warned of below
        }
        warnings.warn("a key is not UTF-8, empty or too long, so nobody can show it", "the key of " + user);
        return Optional.empty();
    }

    @Override
    public CompletionStage<Void> set(UserId user, Credential credential) {
        return ask(redis ->
                redis.set(keys.key(user), credential.secret().getBytes(UTF_8)).thenAccept(ok -> {}));
    }

    @Override
    public CompletionStage<Boolean> revoke(UserId user) {
        return ask(redis -> redis.del(keys.key(user)).thenApply(removed -> removed > 0));
    }

    private <T> CompletionStage<T> ask(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletionStage<T>> question) {
        try {
            return RedisFailures.translated(question.apply(commands.get()));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(RedisFailures.translate(e));
        }
    }
}

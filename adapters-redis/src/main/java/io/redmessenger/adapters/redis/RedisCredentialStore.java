package io.redmessenger.adapters.redis;

import io.lettuce.core.api.async.RedisAsyncCommands;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Keys as strings. An empty string is no key. */
final class RedisCredentialStore implements CredentialStore {

    private final RedisAsyncCommands<String, String> redis;

    RedisCredentialStore(RedisAsyncCommands<String, String> redis) {
        this.redis = redis;
    }

    @Override
    public CompletionStage<Optional<Credential>> credentialOf(UserId user) {
        CompletionStage<@Nullable String> key = RedisFailures.translated(() -> redis.get(RedisKeys.key(user)));
        return key.thenApply(
                secret -> secret == null || secret.isEmpty() ? Optional.empty() : Optional.of(new Credential(secret)));
    }

    @Override
    public CompletionStage<Void> set(UserId user, Credential credential) {
        return RedisFailures.translated(() -> redis.set(RedisKeys.key(user), credential.secret()))
                .thenAccept(ok -> {});
    }

    @Override
    public CompletionStage<Boolean> revoke(UserId user) {
        return RedisFailures.translated(() -> redis.del(RedisKeys.key(user))).thenApply(removed -> removed > 0);
    }
}

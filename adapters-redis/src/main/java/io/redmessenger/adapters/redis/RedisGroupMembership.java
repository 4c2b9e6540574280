package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ValueScanCursor;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** Groups as a SET of user ids each, which backends may change themselves. */
final class RedisGroupMembership implements GroupMembership {

    private static final int CHUNK = 2_000;

    private final Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands;
    private final RedisKeys keys;

    RedisGroupMembership(Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands, RedisKeys keys) {
        this.commands = commands;
        this.keys = keys;
    }

    @Override
    public CompletionStage<Members> members(GroupId group, String cursor) {
        return ask(redis -> redis.sscan(keys.subscribers(group), ScanCursor.of(cursor), ScanArgs.Builder.limit(CHUNK))
                .thenApply(RedisGroupMembership::members));
    }

    private static Members members(ValueScanCursor<byte[]> scan) {
        Set<UserId> users = new LinkedHashSet<>();
        int invalid = 0;
        for (byte[] member : scan.getValues()) {
            Optional<UserId> user = userOf(member);
            if (user.isPresent()) {
                users.add(user.get());
            } else {
                invalid++;
            }
        }
        return new Members(List.copyOf(users), scan.isFinished() ? START : scan.getCursor(), invalid);
    }

    private static Optional<UserId> userOf(byte[] member) {
        try {
            return StrictUtf8.decode(member).map(UserId::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public CompletionStage<Long> size(GroupId group) {
        return ask(redis -> redis.scard(keys.subscribers(group)));
    }

    @Override
    public CompletionStage<Boolean> add(GroupId group, UserId user) {
        return ask(redis -> redis.sadd(keys.subscribers(group), user.value().getBytes(UTF_8))
                .thenApply(added -> added > 0));
    }

    @Override
    public CompletionStage<Boolean> remove(GroupId group, UserId user) {
        return ask(redis -> redis.srem(keys.subscribers(group), user.value().getBytes(UTF_8))
                .thenApply(removed -> removed > 0));
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

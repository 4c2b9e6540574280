package io.redmessenger.adapters.redis;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ValueScanCursor;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Groups as sets of user ids. */
final class RedisGroupMembership implements GroupMembership {

    /** Buckets looked at in one step: about a millisecond of Redis. */
    private static final ScanArgs STEP = ScanArgs.Builder.limit(2_000);

    private final RedisAsyncCommands<String, String> redis;
    private final RateLimitedLog warnings;

    RedisGroupMembership(RedisAsyncCommands<String, String> redis, RateLimitedLog warnings) {
        this.redis = redis;
        this.warnings = warnings;
    }

    @Override
    public CompletionStage<Members> members(GroupId group, String cursor) {
        String key = RedisKeys.subscribers(group);
        CompletionStage<ValueScanCursor<String>> step =
                RedisFailures.translated(() -> redis.sscan(key, ScanCursor.of(cursor), STEP));
        return step.thenApply(scan -> {
            Set<UserId> users = new LinkedHashSet<>(scan.getValues().size() * 2);
            int invalid = 0;
            for (String value : scan.getValues()) {
                try {
                    users.add(new UserId(value));
                } catch (IllegalArgumentException e) {
                    invalid++;
                }
            }
            if (invalid > 0) {
                warnings.warn("members that are no user ids are left out", invalid + " in " + key);
            }
            return new Members(List.copyOf(users), scan.isFinished() ? START : scan.getCursor(), invalid);
        });
    }

    @Override
    public CompletionStage<Long> size(GroupId group) {
        return RedisFailures.translated(() -> redis.scard(RedisKeys.subscribers(group)));
    }

    @Override
    public CompletionStage<Boolean> add(GroupId group, UserId user) {
        return RedisFailures.translated(() -> redis.sadd(RedisKeys.subscribers(group), user.value()))
                .thenApply(added -> added > 0);
    }

    @Override
    public CompletionStage<Boolean> remove(GroupId group, UserId user) {
        return RedisFailures.translated(() -> redis.srem(RedisKeys.subscribers(group), user.value()))
                .thenApply(removed -> removed > 0);
    }
}

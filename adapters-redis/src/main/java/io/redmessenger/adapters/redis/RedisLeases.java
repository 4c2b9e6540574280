package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;

import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Leases as a STRING each that expires, beside one that counts their tokens. A script fences a former holder off by
 * comparing the first with the {@link #value} that its caller knows.
 */
final class RedisLeases implements Leases {

    private static final byte[] GIVE_BACK = utf8(0);

    private final RedisScripts scripts;
    private final RedisKeys keys;
    private final String node;

    /** @param node the holder of what is granted; no other process has that name */
    RedisLeases(RedisScripts scripts, RedisKeys keys, String node) {
        this.scripts = scripts;
        this.keys = keys;
        this.node = node;
    }

    @Override
    public CompletionStage<Optional<Lease>> acquire(String name, Duration time) {
        return scripts.call(
                        LuaScript.ACQUIRE,
                        List.of(keys.lease(name), keys.leaseTokens(name)),
                        List.of(utf8(node), utf8(time.toMillis())))
                .thenApply(reply -> {
                    long token = (Long) reply.get(0);
                    return token > 0 ? Optional.of(new Lease(name, node, token)) : Optional.empty();
                });
    }

    @Override
    public CompletionStage<Boolean> renew(Lease lease, Duration time) {
        return renew(lease, utf8(time.toMillis()));
    }

    @Override
    public CompletionStage<Boolean> release(Lease lease) {
        return renew(lease, GIVE_BACK);
    }

    private CompletionStage<Boolean> renew(Lease lease, byte[] millis) {
        return scripts.call(LuaScript.RENEW, List.of(keys.lease(lease.name())), List.of(value(lease), millis))
                .thenApply(reply -> (Long) reply.get(0) == 1);
    }

    /** What is under {@link RedisKeys#lease} as long as {@code lease} is held. */
    static byte[] value(Lease lease) {
        return utf8(valueOf(lease));
    }

    static String valueOf(Lease lease) {
        return lease.token() + " " + lease.holder();
    }
}

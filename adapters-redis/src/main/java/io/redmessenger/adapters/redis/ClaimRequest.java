package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;

import io.lettuce.core.cluster.SlotHash;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks whether a piece of work may be done, or notes that it is; for a cluster. */
final class ClaimRequest implements InboxRequest {

    /** What is replied. */
    static final long OVER = 0;

    /** What is replied. */
    static final long DONE = 2;

    private static final int BYTES = 200;

    private final byte[] lease;
    private final byte[] bits;
    private final Claim claim;
    private final Duration remember;
    final CompletableFuture<Long> state = new CompletableFuture<>();

    /** @param remember for how long to remember that it is done; zero to ask only */
    ClaimRequest(RedisKeys keys, Claim claim, Duration remember) {
        this.lease = keys.lease(claim.lease().name());
        this.bits = keys.done(claim.lease().name(), claim.series());
        this.claim = claim;
        this.remember = remember;
    }

    @Override
    public LuaScript script() {
        return LuaScript.CLAIM;
    }

    @Override
    public Collection<UserId> users() {
        return List.of();
    }

    @Override
    public int slot(RedisKeys keys) {
        return SlotHash.getSlot(lease);
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public void begin(ScriptArguments arguments) {}

    @Override
    public void addTo(ScriptArguments arguments) {
        arguments.key(lease);
        arguments.key(bits);
        arguments.entry(RedisLeases.value(claim.lease()), utf8(claim.number()), utf8(remember.toMillis()));
    }

    @Override
    public void complete(List<?> reply) {
        state.complete((Long) reply.get(0));
    }

    @Override
    public void fail(PortException failure) {
        state.completeExceptionally(failure);
    }
}

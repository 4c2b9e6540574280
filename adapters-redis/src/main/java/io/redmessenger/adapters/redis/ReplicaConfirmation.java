package io.redmessenger.adapters.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Has what was written confirmed by replicas before it counts as stored. Too few confirmations are a refusal: what was
 * written stays, and is found when the writing is repeated.
 */
final class ReplicaConfirmation {

    private final int replicas;
    private final long limitMillis;

    /**
     * @param replicas how many must confirm; 0 for none
     * @param commandTimeout how long Redis may take to answer: several confirmations and a probe fit in there
     */
    ReplicaConfirmation(int replicas, Duration commandTimeout) {
        this.replicas = replicas;
        this.limitMillis = Math.max(1, commandTimeout.toMillis() / 8);
    }

    /** Completes as {@code written}, which was just sent to {@code redis}, once enough replicas have it. */
    <T> CompletionStage<T> of(CompletionStage<T> written, RedisClusterAsyncCommands<byte[], byte[]> redis) {
        if (replicas == 0) {
            return written;
        }
        return written.thenCombine(redis.waitForReplication(replicas, limitMillis), (reply, confirmed) -> {
            if (confirmed < replicas) {
                throw new PortException(
                        ErrorCode.STORE_REFUSED,
                        "only " + confirmed + " of " + replicas
                                + " replicas (redis_wait_replicas) have confirmed within " + limitMillis + " ms");
            }
            return reply;
        });
    }
}

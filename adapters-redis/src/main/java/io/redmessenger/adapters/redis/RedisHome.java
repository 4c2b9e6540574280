package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The server that the subscriptions of all nodes listen at, so that all hear the same in the same order: the Redis itself;
 * the master that sentinels name; in a cluster, the master that has the stream of publications. It may move.
 */
interface RedisHome {

    /** Finds out where it is now. Fails, and leaves what is known, when nobody tells. One call at a time. */
    CompletionStage<Void> look();

    /** How often to look while all is well. */
    Duration lookEvery();

    /** Where it is, as far as is known; to be asked only after the first {@link #look} has completed. */
    RedisURI uri();

    /** Counts how often a replica has become a master, here or elsewhere: it may lack the last writes. */
    long failovers();

    /** A Redis that stays where it is. */
    record Fixed(RedisURI uri) implements RedisHome {

        @Override
        public CompletionStage<Void> look() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Duration lookEvery() {
            return Duration.ofDays(1);
        }

        @Override
        public long failovers() {
            return 0;
        }
    }
}

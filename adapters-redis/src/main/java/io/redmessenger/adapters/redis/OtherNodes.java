package io.redmessenger.adapters.redis;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What is known of the nodes that may be registered at inboxes. */
interface OtherNodes {

    /** A single Redis knows by itself who listens, and thus who is dead. */
    OtherNodes KNOWN_TO_REDIS = new OtherNodes() {

        private final byte[] channels = ScriptArguments.utf8(RedisKeys.NODE_CHANNELS);

        @Override
        public byte[] channels(Collection<String> alsoDead) {
            return channels;
        }

        @Override
        public CompletionStage<List<String>> deadAmong(Collection<String> nodes) {
            return CompletableFuture.completedFuture(List.of());
        }
    };

    /**
     * What scripts are told: what the name of a node's channel begins with, and in a cluster the nodes that died lately.
     *
     * @param alsoDead more of the dead; with none of them it may be asked for each call
     */
    byte[] channels(Collection<String> alsoDead);

    /** Those that are dead; in a cluster only. */
    CompletionStage<List<String>> deadAmong(Collection<String> nodes);
}

package io.redmessenger.adapters.websocket.canary;

import io.lettuce.core.RedisClient;

/** Breaks the ban of Lettuce outside the Redis adapter. */
public final class KnowsLettuce {
    Class<?> vendor() {
        return RedisClient.class;
    }
}

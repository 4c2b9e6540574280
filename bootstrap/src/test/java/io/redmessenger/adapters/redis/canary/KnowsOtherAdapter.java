package io.redmessenger.adapters.redis.canary;

import io.redmessenger.adapters.websocket.canary.Exits;

/** Breaks the layers and the diagram: adapters do not know each other. */
public final class KnowsOtherAdapter {
    Class<?> other() {
        return Exits.class;
    }
}

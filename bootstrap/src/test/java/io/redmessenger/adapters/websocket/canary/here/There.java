package io.redmessenger.adapters.websocket.canary.here;

import io.redmessenger.adapters.websocket.canary.there.Here;

/** One half of a cycle of packages. */
public final class There {
    Class<?> back() {
        return Here.class;
    }
}

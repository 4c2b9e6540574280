package io.redmessenger.adapters.websocket.canary.there;

import io.redmessenger.adapters.websocket.canary.here.There;

/** The other half of a cycle of packages. */
public final class Here {
    Class<?> back() {
        return There.class;
    }
}

package io.redmessenger.adapters.websocket.plain.canary;

import io.redmessenger.adapters.websocket.sse.canary.SomeProtocol;

/** Breaks the rule that protocols do not know each other. */
public final class KnowsAnotherProtocol {
    Class<?> other() {
        return SomeProtocol.class;
    }
}

package io.redmessenger.adapters.websocket.frame.canary;

import io.redmessenger.adapters.websocket.sse.canary.SomeProtocol;

/** Breaks the rule of the network packages: framing knows no protocol. */
public final class KnowsProtocol {
    Class<?> above() {
        return SomeProtocol.class;
    }
}

package io.redmessenger.adapters.websocket.canary;

/** Breaks the rule that only Main exits. */
public final class Exits {
    void exit() {
        System.exit(1);
    }
}

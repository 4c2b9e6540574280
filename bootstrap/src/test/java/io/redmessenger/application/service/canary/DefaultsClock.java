package io.redmessenger.application.service.canary;

import java.time.Clock;

/** Breaks the rule of the passed-in clock: the application takes no default either. */
public final class DefaultsClock {
    private final Clock clock;

    public DefaultsClock() {
        this.clock = Clock.systemUTC();
    }

    long now() {
        return clock.millis();
    }
}

package io.redmessenger.domain.canary;

import java.time.Instant;
import java.util.function.Supplier;

/** Breaks the rule of the passed-in clock, by a method reference. */
public final class ReadsClock {
    Supplier<Instant> now() {
        return Instant::now;
    }
}

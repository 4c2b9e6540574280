package io.redmessenger.bootstrap.cli;

import java.time.Duration;
import java.util.Random;

/** How long to wait before connecting again: longer each time, and never the same for all clients of a lost server. */
final class BackOff {

    private static final long FIRST_MILLIS = 500;
    private static final long LONGEST_MILLIS = 30_000;

    private final Random random;
    private int attempt;

    BackOff(Random random) {
        this.random = random;
    }

    /** @param atLeast what the server has asked for */
    Duration next(Duration atLeast) {
        long ceiling = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(attempt, 10));
        attempt++;
        return Duration.ofMillis(ceiling / 2 + random.nextInt((int) (ceiling / 2) + 1))
                .plus(atLeast);
    }

    void reset() {
        attempt = 0;
    }
}

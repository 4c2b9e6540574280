package io.redmessenger.domain.canary;

import java.util.Random;

/** Breaks the rule that the domain has no randomness, by a field. */
public final class HoldsRandom {
    private final Random random = new Random(1);

    int roll() {
        return random.nextInt(6);
    }
}

package io.redmessenger.domain.canary;

import java.util.UUID;

/** Breaks the rule that ids are arguments. */
public final class RollsDice {
    UUID id() {
        return UUID.randomUUID();
    }
}

package io.redmessenger.application.service.canary;

/** Breaks the rule of the passed-in clock. */
public final class ReadsMillis {
    long now() {
        return System.currentTimeMillis();
    }
}

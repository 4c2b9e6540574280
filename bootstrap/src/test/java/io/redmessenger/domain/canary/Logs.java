package io.redmessenger.domain.canary;

/** Breaks the rule that the domain has no logger. */
public final class Logs {
    void log() {
        System.getLogger("canary").log(System.Logger.Level.INFO, "tweet");
    }
}

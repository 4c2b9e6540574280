package io.redmessenger.adapters.redis.canary;

/** Breaks the rule that nobody blocks. */
public final class Sleeps {
    void rest() throws InterruptedException {
        Thread.sleep(1);
    }
}

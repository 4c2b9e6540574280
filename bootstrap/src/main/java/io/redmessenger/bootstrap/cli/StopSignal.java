package io.redmessenger.bootstrap.cli;

import java.util.concurrent.CompletableFuture;

/** The wish that a running command come to its end, as by SIGTERM or Ctrl-C. Thread-safe. */
public final class StopSignal {

    private final CompletableFuture<Void> wish = new CompletableFuture<>();

    /** Wishes it. Idempotent; returns after those who wait have been told. */
    public void request() {
        wish.complete(null);
    }

    /** Runs it when it is wished; at once when it was already. */
    void whenRequested(Runnable action) {
        var unused = wish.thenRun(action);
    }

    /** Completes when it is wished. */
    CompletableFuture<Void> requested() {
        return wish.copy();
    }
}

package io.redmessenger.bootstrap.cli;

import java.util.concurrent.CompletableFuture;

/** The wish that a running command come to its end, as by SIGTERM or Ctrl-C. Thread-safe. */
public final class StopSignal {

    private final CompletableFuture<Void> wish = new CompletableFuture<>();

    /** Wishes it. Idempotent; returns after those who wait have been told. */
    public void request() {
        wish.complete(null);
    }

    /** Completes when it is wished. */
    CompletableFuture<Void> requested() {
        return wish.copy();
    }
}

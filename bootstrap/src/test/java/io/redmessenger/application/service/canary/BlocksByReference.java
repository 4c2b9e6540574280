package io.redmessenger.application.service.canary;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Breaks the rule that nobody blocks on a stage, by a method reference. */
public final class BlocksByReference {
    Function<CompletableFuture<String>, String> join() {
        return CompletableFuture::join;
    }
}

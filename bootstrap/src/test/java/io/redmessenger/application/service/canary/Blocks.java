package io.redmessenger.application.service.canary;

import java.util.concurrent.CompletionStage;

/** Breaks the rule that nobody blocks on a stage. */
public final class Blocks {
    String join(CompletionStage<String> stage) {
        return stage.toCompletableFuture().join();
    }
}

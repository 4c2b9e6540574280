package io.redmessenger.bootstrap;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starting and stopping wait for each other; nothing else does. */
final class Stages {

    private Stages() {}

    /**
     * Blocks until the stage completes.
     *
     * @throws PortException what the stage fails with, or {@code STORE_UNAVAILABLE} when it takes longer than {@code limit}
     */
    static void await(CompletionStage<Void> stage, Duration limit) throws InterruptedException {
        try {
            stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PortException port) {
                throw port;
            }
            throw new PortException(ErrorCode.INTERNAL, String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "no answer within " + limit.toSeconds() + " s", e);
        }
    }
}

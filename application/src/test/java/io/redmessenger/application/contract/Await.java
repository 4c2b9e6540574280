package io.redmessenger.application.contract;

import io.redmessenger.application.port.out.PortException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a test expects, with a limit. */
public final class Await {

    /** How long anything may take before a test fails: generous, for busy machines. */
    public static final Duration LIMIT = Duration.ofSeconds(20);

    private Await() {}

    /** Returns what the stage completes with, and fails the test when it fails or does not complete. */
    public static <T> T value(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("stage failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("stage did not complete within " + LIMIT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Returns the failure of a stage, and fails the test when it succeeds or fails with anything else. */
    public static PortException failure(CompletionStage<?> stage) {
        try {
            Object value = stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("stage completed with " + value);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PortException failure) {
                return failure;
            }
            throw new AssertionError("no PortException: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("stage did not complete within " + LIMIT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits until {@code condition} holds, and fails the test, naming {@code what}, when it does not in time. */
    public static void until(String what, BooleanSupplier condition) {
        until(what, LIMIT, condition);
    }

    /** Waits until {@code condition} holds, for {@code limit} at most. */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited " + limit + " in vain: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}

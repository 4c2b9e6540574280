package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the calls of one twin fare. They succeed and complete at once, on the calling thread, until a test says otherwise:
 * it can make them fail, before or after they were carried out, and hold their completions back. Safe for concurrent
 * use.
 */
public final class StoreCalls {

    private final ArrayDeque<Runnable> heldBack = new ArrayDeque<>();
    private @Nullable ErrorCode failure;
    private boolean carryOut;
    private int failuresLeft;
    private boolean holding;
    private long calls;

    StoreCalls() {}

    /** From now on every call fails, and nothing is carried out. */
    public synchronized void failWith(ErrorCode code) {
        failNextWith(Integer.MAX_VALUE, code);
    }

    /** The next {@code count} calls fail, and are not carried out. */
    public synchronized void failNextWith(int count, ErrorCode code) {
        failure = code;
        failuresLeft = count;
        carryOut = false;
    }

    /** From now on every call is carried out, but fails as if the answer were lost. */
    public synchronized void loseAnswers() {
        failure = ErrorCode.STORE_UNAVAILABLE;
        failuresLeft = Integer.MAX_VALUE;
        carryOut = true;
    }

    /** Calls succeed again. */
    public synchronized void succeed() {
        failure = null;
    }

    /** From now on calls are carried out at once, but their stages do not complete. */
    public synchronized void holdBack() {
        holding = true;
    }

    /** How many stages are held back. */
    public synchronized int heldBack() {
        return heldBack.size();
    }

    /** How many calls were made so far, failed ones included. */
    public synchronized long count() {
        return calls;
    }

    /** Completes the stage that was held back first, on this thread; later ones are still held back. */
    public void releaseNext() {
        Runnable next;
        synchronized (this) {
            next = heldBack.remove();
        }
        next.run();
    }

    /** Completes everything held back, in order, on this thread, and holds nothing back any more. */
    public void release() {
        while (true) {
            Runnable next;
            synchronized (this) {
                next = heldBack.poll();
                if (next == null) {
                    holding = false;
                    return;
                }
            }
            next.run();
        }
    }

    <T> CompletionStage<T> call(Supplier<T> step) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        ErrorCode failing = nextFailure();
        Runnable completion;
        try {
            if (failing != null && !carriesOut()) {
                throw new PortException(failing, "as the test wants it");
            }
            T value = step.get();
            if (failing != null) {
                throw new PortException(failing, "carried out, but the test wants it to fail");
            }
            completion = () -> stage.complete(value);
        } catch (PortException e) {
            completion = () -> stage.completeExceptionally(e);
        }
        if (!heldBack(completion)) {
            completion.run();
        }
        return stage;
    }

    private synchronized @Nullable ErrorCode nextFailure() {
        calls++;
        if (failure == null || failuresLeft <= 0) {
            return null;
        }
        failuresLeft--;
        return failure;
    }

    private synchronized boolean carriesOut() {
        return carryOut;
    }

    private synchronized boolean heldBack(Runnable completion) {
        if (holding) {
            heldBack.add(completion);
        }
        return holding;
    }
}

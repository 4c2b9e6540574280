package io.redmessenger.adapters.websocket.frame;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task of a connection that runs once, later, on the connection's I/O thread; {@link WebSocketConnection#schedule}.
 *
 * <p>It can be armed again and again, which is cheap and allocates nothing. It never runs once the connection has ended. All
 * methods are to be called on the I/O thread.
 */
public final class Timer {
    private final Timers timers;
    private final Runnable task;
    private final @Nullable WebSocketConnection owner;

    /** Kept by {@link Timers}: the place in the heap, or -1 if not armed, and the time since its origin. */
    int position = -1;

    long deadline;

    /** Kept by the owner: its timers as a list. */
    @Nullable
    Timer next;

    boolean listed;

    Timer(Timers timers, @Nullable WebSocketConnection owner, Runnable task) {
        this.timers = timers;
        this.owner = owner;
        this.task = task;
    }

    /** Arms the timer, or moves it if it is armed: the task runs {@code delay} from now. No effect on an ended connection. */
    public void restart(Duration delay) {
        if (owner == null || owner.adopt(this)) {
            timers.arm(this, delay.toNanos());
        }
    }

    /** The task will not run, unless the timer is armed again. */
    public void cancel() {
        timers.cancel(this);
    }

    /** Whether the task is still to run. */
    public boolean isArmed() {
        return position >= 0;
    }

    void fire() {
        if (owner == null) {
            task.run();
        } else {
            owner.guard(task);
        }
    }
}

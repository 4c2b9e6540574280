package io.redmessenger.adapters.websocket.socketio;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/**
 * When what is due for one session, with one alarm for all of it. To move a deadline away costs nothing: the alarm then
 * rings in vain once. Whoever calls sees to it that calls do not overlap.
 */
final class Deadlines {

    /** What may be due. */
    enum Kind {
        HEARTBEAT,
        IDENTIFY,
        UPGRADE,
        FLUSH_POLL,
        CLOSE
    }

    private static final long NEVER = Long.MAX_VALUE;
    private static final Kind[] KINDS = Kind.values();

    private final XnioIoThread thread;
    private final Runnable onAlarm;
    private final long origin = System.nanoTime();
    private final long[] due = new long[KINDS.length];
    private long rings = NEVER;
    private XnioExecutor.@Nullable Key alarm;

    /** @param onAlarm called on {@code thread}; is to call {@link #fire} */
    Deadlines(XnioIoThread thread, Runnable onAlarm) {
        this.thread = thread;
        this.onAlarm = onAlarm;
        Arrays.fill(due, NEVER);
    }

    void set(Kind kind, Duration delay) {
        due[kind.ordinal()] = now() + delay.toNanos();
        ring();
    }

    void clear(Kind kind) {
        due[kind.ordinal()] = NEVER;
    }

    boolean isSet(Kind kind) {
        return due[kind.ordinal()] != NEVER;
    }

    void clearAll() {
        Arrays.fill(due, NEVER);
        cancel();
    }

    /** Hands over whatever is due, and forgets that. */
    void fire(Consumer<Kind> handler) {
        rings = NEVER;
        long now = now();
        for (Kind kind : KINDS) {
            if (due[kind.ordinal()] <= now) {
                due[kind.ordinal()] = NEVER;
                handler.accept(kind);
            }
        }
        ring();
    }

    private void ring() {
        long first = Arrays.stream(due).min().orElse(NEVER);
        if (first >= rings) {
            return;
        }
        cancel();
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(first - now() + 999_999));
        try {
            alarm = thread.executeAfter(onAlarm, millis, TimeUnit.MILLISECONDS);
            rings = first;
        } catch (RejectedExecutionException e) {
            alarm = null; // the server stops, and ends every connection
        }
    }

    private void cancel() {
        if (alarm != null) {
            alarm.remove();
            alarm = null;
        }
        rings = NEVER;
    }

    private long now() {
        return System.nanoTime() - origin;
    }
}

package io.redmessenger.adapters.websocket.socketio;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
        HEARTBEAT(0),
        IDENTIFY(1),
        UPGRADE(2),
        FLUSH_POLL(3),
        CLOSE(4);

        /** Its place in an array, which takes half the memory of a map. */
        private final int place;

        Kind(int place) {
            this.place = place;
        }
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
        due[kind.place] = now() + delay.toNanos();
        ring();
    }

    void clear(Kind kind) {
        due[kind.place] = NEVER;
    }

    void clearAll() {
        Arrays.fill(due, NEVER);
        cancel();
    }

    /** Hands over whatever is due, and forgets that. */
    void fire(Consumer<Kind> handler) {
        rings = NEVER;
        long now = now();
        List<Kind> over =
                Arrays.stream(KINDS).filter(kind -> due[kind.place] <= now).toList();
        over.forEach(this::clear);
        over.forEach(handler);
        ring();
    }

    private void ring() {
        long first = NEVER;
        for (long one : due) {
            first = Math.min(first, one);
        }
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

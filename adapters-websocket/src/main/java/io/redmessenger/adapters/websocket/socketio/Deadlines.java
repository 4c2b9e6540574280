package io.redmessenger.adapters.websocket.socketio;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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

    private final XnioIoThread thread;
    private final Runnable onAlarm;
    private final long origin = System.nanoTime();
    private final Map<Kind, Long> due = new EnumMap<>(Kind.class);
    private long rings = NEVER;
    private XnioExecutor.@Nullable Key alarm;

    /** @param onAlarm called on {@code thread}; is to call {@link #fire} */
    Deadlines(XnioIoThread thread, Runnable onAlarm) {
        this.thread = thread;
        this.onAlarm = onAlarm;
    }

    void set(Kind kind, Duration delay) {
        due.put(kind, now() + delay.toNanos());
        ring();
    }

    void clear(Kind kind) {
        due.remove(kind);
    }

    void clearAll() {
        due.clear();
        cancel();
    }

    /** Hands over whatever is due, and forgets that. */
    void fire(Consumer<Kind> handler) {
        rings = NEVER;
        long now = now();
        List<Kind> over = due.entrySet().stream()
                .filter(entry -> entry.getValue() <= now)
                .map(Map.Entry::getKey)
                .toList();
        over.forEach(due::remove);
        over.forEach(handler);
        ring();
    }

    private void ring() {
        long first = due.isEmpty() ? NEVER : Collections.min(due.values());
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

package io.redmessenger.adapters.websocket.frame;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All timers of one I/O thread: a heap ordered by deadline, and one alarm for the earliest.
 *
 * <p>Arming, moving and cancelling cost O(log n) and allocate nothing. Deadlines are exact to a millisecond, and what falls
 * into the same millisecond runs together. Without timers nothing is armed and nothing ticks. Not safe for concurrent use.
 */
final class Timers implements Runnable {
    private static final long NONE = Long.MAX_VALUE;
    private static final long MILLISECOND = 1_000_000;

    /** Wakes the thread up: calls {@link Timers#run} once after a delay, replacing what was set before. */
    interface Alarm {
        void set(long delayNanos);
    }

    private final LongSupplier nanoClock;
    private final long origin;
    private final Alarm alarm;

    private @Nullable Timer[] heap = new @Nullable Timer[16];
    private int size;
    private long alarmAt = NONE;
    private boolean running;

    Timers(LongSupplier nanoClock, Alarm alarm) {
        this.nanoClock = nanoClock;
        this.origin = nanoClock.getAsLong();
        this.alarm = alarm;
    }

    int size() {
        return size;
    }

    /** Arms {@code timer}, whether it was armed or not; a negative delay counts as zero. */
    void arm(Timer timer, long delayNanos) {
        long due = now() + Math.min(Math.max(delayNanos, 0), NONE / 4);
        timer.deadline = (due + MILLISECOND - 1) / MILLISECOND * MILLISECOND;
        if (timer.position < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            timer.position = size++;
        }
        siftDown(siftUp(timer));
        if (!running) {
            setAlarm();
        }
    }

    void cancel(Timer timer) {
        int position = timer.position;
        if (position < 0) {
            return;
        }
        timer.position = -1;
        Timer last = at(--size);
        heap[size] = null;
        if (last != timer) {
            last.position = position;
            siftDown(siftUp(last));
        }
        // an alarm that is now too early finds nothing due and sets the next one
    }

    /** The alarm: runs what is due. A timer that a task arms anew, even for at once, waits for the next alarm. */
    @Override
    public void run() {
        alarmAt = NONE;
        running = true;
        try {
            long now = now();
            while (size > 0 && at(0).deadline <= now) {
                Timer due = at(0);
                cancel(due);
                due.fire();
            }
        } finally {
            running = false;
            setAlarm();
        }
    }

    private void setAlarm() {
        if (size > 0 && at(0).deadline < alarmAt) {
            alarmAt = at(0).deadline;
            alarm.set(Math.max(alarmAt - now(), 1));
        }
    }

    private long now() {
        return nanoClock.getAsLong() - origin;
    }

    private Timer siftUp(Timer timer) {
        int i = timer.position;
        while (i > 0) {
            int parent = (i - 1) / 2;
            Timer above = at(parent);
            if (above.deadline <= timer.deadline) {
                break;
            }
            place(above, i);
            i = parent;
        }
        place(timer, i);
        return timer;
    }

    private void siftDown(Timer timer) {
        int i = timer.position;
        while (true) {
            int child = 2 * i + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && at(child + 1).deadline < at(child).deadline) {
                child++;
            }
            Timer below = at(child);
            if (below.deadline >= timer.deadline) {
                break;
            }
            place(below, i);
            i = child;
        }
        place(timer, i);
    }

    private void place(Timer timer, int position) {
        heap[position] = timer;
        timer.position = position;
    }

    private Timer at(int position) {
        Timer timer = heap[position];
        if (timer == null) {
            throw new IllegalStateException("no timer at " + position + " of " + size);
        }
        return timer;
    }
}

package io.redmessenger.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Publishes at a constant rate, whatever the server makes of it: each message is due at its time, and says so. When Redis or
 * this process stalls, what was due meanwhile follows at once, and counts as late.
 */
final class Publisher {

    private static final int MOST_AT_ONCE = 1_000;
    private static final long SHORTEST_PARK = 50_000;
    private static final long LONGEST_PARK = 1_000_000;

    private final RespConnection redis;
    private final LongFunction<String> address;
    private final int size;
    private final AtomicLong unheard = new AtomicLong();
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    /**
     * @param address where the message of a number goes, from 0
     * @param size of a payload, in bytes
     */
    Publisher(RespConnection redis, LongFunction<String> address, int size) {
        this.redis = redis;
        this.address = address;
        this.size = size;
    }

    /** How many messages no node has heard. */
    long unheard() {
        return unheard.get();
    }

    /**
     * Publishes the messages from one number to before another, and returns when Redis has taken them.
     *
     * @param origin the {@link System#nanoTime} at which message 0 is due
     * @param perSecond how many are due in a second
     */
    void publish(long origin, long from, long to, double perSecond) throws IOException, InterruptedException {
        Thread replies = new Thread(() -> readReplies(to - from), "replies");
        replies.setDaemon(true);
        replies.start();
        ByteArrayOutputStream commands = new ByteArrayOutputStream();
        long next = from;
        while (next < to && failure.get() == null) {
            long now = System.nanoTime() - origin;
            commands.reset();
            for (int i = 0; i < MOST_AT_ONCE && next < to && due(next, perSecond) <= now; i++) {
                RespConnection.encode(
                        commands, "PUBLISH", address.apply(next), Deliveries.payload(due(next, perSecond), size));
                next++;
            }
            if (commands.size() > 0) {
                send(commands);
            } else {
                long pause = due(next, perSecond) - now;
                LockSupport.parkNanos(Math.max(SHORTEST_PARK, Math.min(LONGEST_PARK, pause)));
            }
        }
        IOException failed = failure.get();
        if (failed == null) {
            replies.join();
            failed = failure.get();
        }
        if (failed != null) {
            throw failed;
        }
    }

    private void send(ByteArrayOutputStream commands) {
        try {
            redis.send(commands);
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    private static long due(long number, double perSecond) {
        return (long) (number * 1e9 / perSecond);
    }

    /** A thread that sends may wait for a Redis that reads no more. */
    private void closeToEndWaiting() {
        try {
            redis.close();
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void readReplies(long count) {
        try {
            for (long i = 0; i < count; i++) {
                if (redis.reply().equals("0")) {
                    unheard.incrementAndGet();
                }
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e);
            closeToEndWaiting();
        }
    }
}

package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the scripts in a cluster, where one call can touch the keys of one hash slot only. Each slot has a lane with one
 * call on its way at a time: so nothing that is redirected, or has to wait while its slot moves, is overtaken. Many lanes
 * have calls on their way at a time.
 *
 * <p>While a slot moves, a call whose keys are at two servers is refused; it is repeated, first in its lane, until they have
 * arrived. When a call fails for another reason that may pass, what waits in its lane fails with it, and what is submitted
 * to the lane before all of that is told of it: see {@link InboxPipeline}.
 *
 * <p>Requests complete on Lettuce's thread or the sending one, or at once on the submitting one.
 */
final class ClusterPipeline implements RequestPipeline {

    private static final Logger log = LoggerFactory.getLogger(ClusterPipeline.class);

    /** What Lettuce says of a command that it has not sent, for it is not connected to the server, perhaps not yet. */
    private static final String REJECTED = "Commands are rejected.";

    private static final int MAX_IN_FLIGHT = 512;
    private static final long MOVING_PAUSE_MILLIS = 20;
    private static final long MOVING_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long CONNECTING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands;
    private final RedisKeys keys;
    private final Runnable onUnreachable;

    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "redis-inbox");
        t.setDaemon(true);
        return t;
    });
    private final AtomicBoolean scheduled = new AtomicBoolean();

    private final Object lock = new Object(); // never held while a request completes
    private final Map<Integer, Lane> lanes = new HashMap<>(); // those that have something
    private final ArrayDeque<Lane> ready =
            new ArrayDeque<>(); // those that have something to send, and nothing on its way
    private int inFlight;
    private long waitingWeight;
    private long waitingBytes;

    /**
     * @param commands the connection to use; may throw {@link PortException}
     * @param onUnreachable told when some server of the cluster cannot be reached
     */
    ClusterPipeline(
            Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands, RedisKeys keys, Runnable onUnreachable) {
        this.commands = commands;
        this.keys = keys;
        this.onUnreachable = onUnreachable;
    }

    /** What concerns the users of one slot. */
    private static final class Lane {
        final int slot;
        final ArrayDeque<InboxRequest> waiting = new ArrayDeque<>();
        boolean failing; // requests are being told that they failed

        Lane(int slot) {
            this.slot = slot;
        }
    }

    /** Takes the requests for those slots that are not failing just now, unless too much waits. */
    @Override
    public void submit(List<? extends InboxRequest> requests) {
        List<InboxRequest> refused = new ArrayList<>();
        PortException refusal = new PortException(ErrorCode.STORE_UNAVAILABLE, "Redis cannot be reached");
        synchronized (lock) {
            long weight = 0;
            long bytes = 0;
            for (InboxRequest request : requests) {
                weight += request.weight();
                bytes += request.bytes();
            }
            if (waitingWeight > 0
                    && (waitingWeight + weight > InboxPipeline.MAX_WAITING
                            || waitingBytes + bytes > InboxPipeline.MAX_WAITING_BYTES)) {
                refused.addAll(requests);
                refusal = new PortException(ErrorCode.OVERLOADED, "too much waits for Redis already");
            } else {
                for (InboxRequest request : requests) {
                    if (!take(request)) {
                        refused.add(request);
                    }
                }
            }
        }
        scheduleSending();
        InboxPipeline.fail(refused, refusal);
    }

    private boolean take(InboxRequest request) {
        if (request.isAbandoned()) { // here, for it is when it is told of a failure
            return false;
        }
        int slot = request.slot(keys);
        Lane lane = lanes.get(slot);
        if (lane == null) {
            lane = new Lane(slot);
            lanes.put(slot, lane);
            ready.add(lane);
        } else if (lane.failing) {
            return false;
        }
        lane.waiting.add(request);
        waitingWeight += request.weight();
        waitingBytes += request.bytes();
        return true;
    }

    private void scheduleSending() {
        if (!scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            sender.execute(this::send);
        } catch (RejectedExecutionException e) {
            scheduled.set(false);
            List<InboxRequest> doomed = new ArrayList<>();
            synchronized (lock) {
                lanes.values().forEach(lane -> doomed.addAll(takeAll(lane)));
            }
            InboxPipeline.fail(
                    doomed, new PortException(ErrorCode.STORE_UNAVAILABLE, "the connection to Redis is closed", e));
        }
    }

    private void send() {
        scheduled.set(false);
        while (true) {
            Lane lane;
            InboxPipeline.Call call;
            synchronized (lock) {
                lane = inFlight < MAX_IN_FLIGHT ? ready.poll() : null;
                if (lane == null) {
                    return;
                }
                if (lane.waiting.isEmpty()) { // everything was closed
                    lanes.remove(lane.slot);
                    continue;
                }
                call = new InboxPipeline.Call(next(lane));
                inFlight++;
            }
            dispatch(lane, call, false, System.nanoTime());
        }
    }

    /** Takes requests for one script off a lane, as far as they stand one behind the other. */
    private List<InboxRequest> next(Lane lane) {
        List<InboxRequest> next = new ArrayList<>();
        InboxRequest first = lane.waiting.remove();
        next.add(first);
        int weight = first.weight();
        int bytes = first.bytes();
        InboxRequest request = lane.waiting.peek();
        while (request != null
                && first.isShareable()
                && request.isShareable()
                && request.script() == first.script()
                && weight + request.weight() <= InboxPipeline.MAX_WEIGHT
                && bytes + request.bytes() <= InboxPipeline.MAX_BYTES) {
            next.add(lane.waiting.remove());
            weight += request.weight();
            bytes += request.bytes();
            request = lane.waiting.peek();
        }
        waitingWeight -= weight;
        waitingBytes -= bytes;
        return next;
    }

    private void dispatch(Lane lane, InboxPipeline.Call call, boolean withSource, long begun) {
        send(call, withSource).whenComplete((reply, failure) -> {
            if (RedisScripts.isUnknown(failure) && !withSource) {
                dispatch(lane, call, true, begun);
            } else if (System.nanoTime() - begun < patience(failure)) {
                later(() -> dispatch(lane, call, false, begun), lane, call);
            } else {
                call.reply = reply == null ? List.of() : reply;
                settle(lane, call, failure);
            }
        });
    }

    private CompletionStage<List<Object>> send(InboxPipeline.Call call, boolean withSource) {
        try {
            return InboxPipeline.dispatch(commands.get(), call, withSource);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void later(Runnable task, Lane lane, InboxPipeline.Call call) {
        try {
            var unused = sender.schedule(task, MOVING_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            settle(lane, call, e);
        }
    }

    /** For how long to repeat a call that was not carried out; 0 when it may have been, or time does not help. */
    private static long patience(@Nullable Throwable failure) {
        Throwable t = failure instanceof CompletionException ? failure.getCause() : failure;
        if (t == null) {
            return 0;
        }
        String message = String.valueOf(t.getMessage());
        if (t instanceof RedisCommandExecutionException) {
            boolean moving =
                    message.startsWith("TRYAGAIN") || message.startsWith("MOVED ") || message.startsWith("ASK ");
            return moving ? MOVING_NANOS : 0;
        }
        return t instanceof RedisException && message.endsWith(REJECTED) ? CONNECTING_NANOS : 0;
    }

    private void settle(Lane lane, InboxPipeline.Call call, @Nullable Throwable failure) {
        PortException translated = failure == null ? null : RedisFailures.translate(failure);
        List<InboxRequest> doomed = List.of();
        if (translated != null && translated.code().retryable()) {
            synchronized (lock) {
                doomed = takeAll(lane);
                lane.failing = true;
            }
            if (translated.code() == ErrorCode.STORE_UNAVAILABLE) {
                onUnreachable.run();
            }
        }
        try {
            InboxPipeline.finish(call, translated);
            if (translated != null) {
                InboxPipeline.fail(doomed, translated);
            }
        } catch (RuntimeException e) {
            log.error("a request could not be completed", e);
        }
        synchronized (lock) {
            inFlight--;
            lane.failing = false;
            if (lane.waiting.isEmpty()) {
                lanes.remove(lane.slot);
            } else {
                ready.add(lane);
            }
        }
        scheduleSending();
    }

    private List<InboxRequest> takeAll(Lane lane) {
        List<InboxRequest> all = List.copyOf(lane.waiting);
        lane.waiting.clear();
        for (InboxRequest request : all) {
            waitingWeight -= request.weight();
            waitingBytes -= request.bytes();
        }
        return all;
    }

    /** Groups users by slot, in the order of the first of each. */
    static <T> List<List<T>> bySlot(List<T> all, ToIntFunction<T> slot) {
        Map<Integer, List<T>> groups = new LinkedHashMap<>();
        all.forEach(one -> groups.computeIfAbsent(slot.applyAsInt(one), unused -> new ArrayList<>())
                .add(one));
        return List.copyOf(groups.values());
    }

    @Override
    public void stop() {
        sender.shutdown();
        scheduleSending();
    }
}

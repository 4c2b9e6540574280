package io.redmessenger.application.service;

import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Serial executors, to which users are dealt out by their id: everything that concerns one user runs one after another,
 * so the services need no locks.
 */
public final class Lanes implements AutoCloseable {

    private final List<Executor> lanes;

    private Lanes(List<Executor> lanes) {
        this.lanes = lanes;
    }

    /** Lanes with a thread each. */
    public static Lanes ofThreads(int count) {
        AtomicInteger number = new AtomicInteger();
        Supplier<Executor> lane = () -> Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "rm-lane-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
        return new Lanes(Stream.generate(lane).limit(count).toList());
    }

    /** One lane: {@code executor}, which must run its tasks one after another, in order. */
    public static Lanes of(Executor executor) {
        return new Lanes(List.of(executor));
    }

    int count() {
        return lanes.size();
    }

    Executor lane(int index) {
        return lanes.get(index);
    }

    int indexOf(UserId user) {
        int hash = user.hashCode();
        return Math.floorMod(hash ^ (hash >>> 16), lanes.size());
    }

    Executor of(UserId user) {
        return lanes.get(indexOf(user));
    }

    /** Lets what is queued run, and takes nothing more. */
    @Override
    public void close() {
        for (Executor lane : lanes) {
            if (lane instanceof ExecutorService service) {
                service.shutdown();
            }
        }
    }
}

package io.redmessenger.bootstrap.faults;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Publishes numbered messages by one way in, one at a time, and records which were accepted. */
abstract class Publisher implements Runnable, AutoCloseable {

    private static final int PERCENT_TO_CHANNEL = 15;
    private static final int PERCENT_WITH_TTL = 4;
    private static final int MAX_PADDING = 400;

    /** The time to live of those that have one. */
    static final long TTL_MILLIS = 3_000;

    private final Way way;
    private final String name;
    private final List<String> users;
    private final int rest;
    private final SplittableRandom random;
    private final Recorder recorder;
    private volatile boolean stopped;

    /** @param rest milliseconds between two messages */
    Publisher(Way way, String name, List<String> users, int rest, SplittableRandom random, Recorder recorder) {
        this.way = way;
        this.name = name;
        this.users = users;
        this.rest = rest;
        this.random = random;
        this.recorder = recorder;
    }

    /**
     * Publishes once.
     *
     * @param id a name of the message, 1 to 128 of {@code A-Z a-z 0-9 -}
     * @param ttl milliseconds, 0 for none
     * @return whether it is accepted; false leaves open whether it was published
     */
    abstract boolean publish(String address, String id, String payload, long ttl) throws InterruptedException;

    @Override
    public final void run() {
        try {
            for (int number = 1; !stopped; number++) {
                publish(number);
                TimeUnit.MILLISECONDS.sleep(rest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    private void publish(int number) throws InterruptedException {
        boolean channel = users.equals(Load.USERS) && random.nextInt(100) < PERCENT_TO_CHANNEL;
        String user = users.get(random.nextInt(users.size()));
        String address = channel ? Load.CHANNEL : "rm.users." + user;
        boolean mayExpire = way != Way.PUBLISH && random.nextInt(100) < PERCENT_WITH_TTL;
        String payload = name + " " + number + " " + "x".repeat(random.nextInt(MAX_PADDING));
        long from = recorder.now();
        boolean accepted = publish(address, name + "-" + number, payload, mayExpire ? TTL_MILLIS : 0);
        recorder.published(new Published(
                way,
                name,
                address,
                number,
                payload,
                channel ? Load.MEMBERS : List.of(user),
                accepted,
                mayExpire,
                from,
                recorder.now()));
    }

    final boolean isStopped() {
        return stopped;
    }

    final void stop() {
        stopped = true;
    }

    /** Ends its connection. Called by its own thread. */
    @Override
    public abstract void close();
}

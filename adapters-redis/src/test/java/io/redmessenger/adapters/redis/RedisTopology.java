package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisClient;
import io.redmessenger.application.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers of Redis that replace one another: processes on free ports of the loopback address, which end when it is closed and
 * at the latest with the JVM.
 */
abstract class RedisTopology implements AutoCloseable {

    /** How long the servers may take for anything. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Pattern REPLICA_ONLINE = Pattern.compile("^slave\\d+:.*state=online,offset=(\\d+),");

    /** How those are configured that hold data. */
    static final List<String> DATA = List.of(
            "appendonly yes",
            "save \"\"",
            "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
            "loglevel warning");

    /** Those that hold data. */
    final List<ConfiguredRedis> servers = new ArrayList<>();

    final RedisClient client = RedisClient.create();
    private final Thread closer = new Thread(this::end);

    RedisTopology() {
        Runtime.getRuntime().addShutdownHook(closer);
    }

    /** Starts all servers of {@code topology}; closes it when they do not come up. */
    static <T extends RedisTopology> T started(T topology) {
        try {
            topology.startAll();
            return topology;
        } catch (RuntimeException e) {
            topology.close();
            throw e;
        }
    }

    /** Starts all servers, and returns once they know one another. */
    abstract void startAll();

    /** Starts {@code servers}, and returns once all of them answer. */
    static void bringUp(List<ConfiguredRedis> servers) {
        servers.forEach(ConfiguredRedis::start);
        servers.forEach(ConfiguredRedis::awaitAnswer);
    }

    static boolean isMaster(ConfiguredRedis server) {
        return server.info("replication", "role").filter("master"::equals).isPresent();
    }

    /**
     * Waits until replicas have all that their master had when this was called. Not what it has at the moment: nodes write all
     * the time, and replicas tell once a second how far they are.
     *
     * @param replication INFO of the master; empty while there is none
     */
    static void awaitReplicas(int replicas, Supplier<Optional<String>> replication) {
        AtomicLong goal = new AtomicLong(-1);
        Await.until("replicas in step", LIMIT, () -> {
            Optional<String> info = replication.get();
            long written = info.flatMap(text -> ConfiguredRedis.field(text, "master_repl_offset"))
                    .map(Long::parseLong)
                    .orElse(-1L);
            if (goal.get() < 0 || written < goal.get()) { // another master, which counts anew
                goal.set(written);
            }
            return written >= 0
                    && info.orElse("")
                                    .lines()
                                    .map(REPLICA_ONLINE::matcher)
                                    .filter(Matcher::find)
                                    .filter(line -> Long.parseLong(line.group(1)) >= goal.get())
                                    .count()
                            == replicas;
        });
    }

    /** Starts what is dead again; a former master comes back as a replica, once it has been told. */
    public void restartDead() {
        bringUp(servers.stream().filter(server -> !server.isRunning()).toList());
    }

    /** Lets go on what was paused. */
    public void resume() {
        servers.forEach(ConfiguredRedis::resume);
    }

    /** Ends all of them, and removes their data. */
    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(closer);
        end();
        client.shutdown(0, 1, TimeUnit.SECONDS);
    }

    /** Ends all processes. */
    void end() {
        servers.forEach(ConfiguredRedis::close);
    }
}

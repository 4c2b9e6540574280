package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Servers of Redis that replace one another: processes on free ports of the loopback address, which end when it is closed and
 * at the latest with the JVM.
 */
abstract class RedisTopology implements AutoCloseable {

    /** How long the servers may take for anything. */
    static final Duration LIMIT = Duration.ofSeconds(30);

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

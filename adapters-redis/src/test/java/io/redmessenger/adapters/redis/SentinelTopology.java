package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.redmessenger.application.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A master with two replicas, and three sentinels that look after them: processes on free ports of the loopback address. A
 * master that is gone for a second is replaced, which takes two to four seconds in all.
 */
public final class SentinelTopology extends RedisTopology {

    /** The name by which sentinels know the master. */
    public static final String MASTER = "mymaster";

    private static final int REPLICAS = 2;
    private static final int SENTINELS = 3;
    private static final int QUORUM = 2;

    private final List<ConfiguredRedis> sentinels = new ArrayList<>();

    /** What a sentinel says of a master that is up, while no failover is on. */
    private static final Optional<String> MASTER_FLAGS = Optional.of("master");

    private SentinelTopology() {}

    /** Starts all of them, and returns once they know one another. */
    public static SentinelTopology start() {
        return started(new SentinelTopology());
    }

    @Override
    void startAll() {
        servers.add(new ConfiguredRedis(client, false, DATA));
        int port = servers.get(0).port();
        List<String> replica = new ArrayList<>(DATA);
        replica.add("replicaof " + ConfiguredRedis.HOST + " " + port);
        for (int i = 0; i < REPLICAS; i++) {
            servers.add(new ConfiguredRedis(client, false, replica));
        }
        bringUp(servers);
        awaitReplicas();
        for (int i = 0; i < SENTINELS; i++) {
            sentinels.add(new ConfiguredRedis(
                    client,
                    true,
                    List.of(
                            "sentinel monitor " + MASTER + " " + ConfiguredRedis.HOST + " " + port + " " + QUORUM,
                            "sentinel down-after-milliseconds " + MASTER + " 1000",
                            "sentinel failover-timeout " + MASTER + " 4000",
                            "sentinel parallel-syncs " + MASTER + " 2")));
        }
        bringUp(sentinels);
        Await.until(
                "the sentinels know one another",
                LIMIT,
                () -> sentinels.stream()
                        .allMatch(sentinel -> sentinel.info("sentinel", "master0")
                                .filter(line -> line.contains("slaves=" + REPLICAS)
                                        && line.contains("sentinels=" + SENTINELS)
                                        && line.contains("status=ok"))
                                .isPresent()));
    }

    /** {@code redis-sentinel://HOST:PORT,HOST:PORT,HOST:PORT#mymaster}. */
    public String uri() {
        return sentinels.stream()
                .map(sentinel -> ConfiguredRedis.HOST + ":" + sentinel.port())
                .collect(Collectors.joining(",", "redis-sentinel://", "#" + MASTER));
    }

    /** The port of the master, as most sentinels see it. */
    public int masterPort() {
        List<Integer> ports = sentinels.stream()
                .filter(sentinel -> sentinel.isRunning() && !sentinel.isPaused())
                .map(this::masterPort)
                .toList();
        return ports.stream()
                .filter(port -> ports.stream().filter(port::equals).count() >= QUORUM)
                .findFirst()
                .orElse(0);
    }

    private int masterPort(ConfiguredRedis sentinel) {
        return sentinel.info("sentinel", "master0")
                .map(line -> line.replaceAll(".*address=[^,]*:([0-9]+).*", "$1"))
                .map(Integer::parseInt)
                .orElse(0);
    }

    private ConfiguredRedis at(int port) {
        return servers.stream()
                .filter(server -> server.port() == port)
                .findFirst()
                .orElseThrow();
    }

    /** Asks the master something, on a connection of the test's own. */
    public <T> T askMaster(Function<RedisCommands<String, String>, T> question) {
        return at(masterPort()).ask(connection -> question.apply(connection.sync()));
    }

    /** Ends the master by SIGKILL; returns its port. */
    public int killMaster() {
        int port = masterPort();
        at(port).kill();
        return port;
    }

    /** Ends one of the three sentinels by SIGKILL. */
    public void killSentinel(int index) {
        sentinels.get(index).kill();
    }

    /** The master stands still: connections stay, and nothing is answered. Returns its port. */
    public int pauseMaster() {
        int port = masterPort();
        at(port).pause();
        return port;
    }

    /** Waits until another server than that at {@code oldPort} is the master, and takes writes. */
    public void awaitFailover(int oldPort) {
        Await.until("another master", LIMIT, () -> {
            int port = masterPort();
            return port != 0 && port != oldPort && isMaster(at(port));
        });
    }

    /** Whether all sentinels are content with the same master: none of them misses one, or is about to make another. */
    public boolean isSettled() {
        int port = masterPort();
        return sentinels.stream()
                .allMatch(sentinel -> masterPort(sentinel) == port && MASTER_FLAGS.equals(masterFlags(sentinel)));
    }

    private static Optional<String> masterFlags(ConfiguredRedis sentinel) {
        try {
            List<Object> fields = sentinel.ask(redis -> redis.sync()
                    .dispatch(
                            CommandType.SENTINEL,
                            new ArrayOutput<>(StringCodec.UTF8),
                            new CommandArgs<>(StringCodec.UTF8).add("MASTER").add(MASTER)));
            int flags = fields.indexOf("flags");
            return flags < 0 ? Optional.empty() : Optional.of(String.valueOf(fields.get(flags + 1)));
        } catch (RedisException e) {
            return Optional.empty();
        }
    }

    /** Waits until both replicas have all that the master has. */
    public void awaitReplicas() {
        awaitReplicas(REPLICAS, () -> {
            List<ConfiguredRedis> masters =
                    servers.stream().filter(RedisTopology::isMaster).toList();
            return masters.size() == 1
                    ? Optional.of(masters.get(0).ask(redis -> redis.sync().info("replication")))
                    : Optional.empty();
        });
    }

    @Override
    public void restartDead() {
        super.restartDead();
        bringUp(sentinels.stream().filter(sentinel -> !sentinel.isRunning()).toList());
    }

    @Override
    void end() {
        sentinels.forEach(ConfiguredRedis::close);
        super.end();
    }
}

package io.redmessenger.adapters.redis;

import io.lettuce.core.MigrateArgs;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A Redis Cluster of three masters with a replica each: processes on free ports of the loopback address. A master that is
 * gone for two seconds is replaced, which takes three to five seconds in all.
 *
 * <p>A shard is a master and its replica; it is named by a number from 0 to 2, whichever of the two is the master.
 */
public final class ClusterTopology extends RedisTopology {

    /** How many masters there are. */
    public static final int SHARDS = 3;

    private static final int SLOTS = 16_384;
    private static final int NODE_TIMEOUT_MILLIS = 2_000;
    private static final int KEYS_AT_ONCE = 100;
    private static final int MIGRATE_MILLIS = 5_000;

    private ClusterTopology() {}

    /** Starts all of them, and returns once the cluster takes writes and the replicas are in step. */
    public static ClusterTopology start() {
        return started(new ClusterTopology());
    }

    /** First the masters, then their replicas, in the same order. */
    @Override
    void startAll() {
        List<Integer> buses = new ArrayList<>();
        for (int i = 0; i < 2 * SHARDS; i++) {
            int bus = freePort();
            buses.add(bus);
            List<String> lines = new ArrayList<>(List.of(
                    "cluster-enabled yes",
                    "cluster-port " + bus,
                    "cluster-announce-ip " + ConfiguredRedis.HOST,
                    "cluster-node-timeout " + NODE_TIMEOUT_MILLIS,
                    "cluster-replica-validity-factor 0",
                    "cluster-allow-replica-migration no"));
            lines.addAll(DATA);
            servers.add(new ConfiguredRedis(client, false, lines));
        }
        bringUp(servers);
        for (int i = 0; i < servers.size(); i++) {
            RedisCommands<String, String> redis = redis(servers.get(i));
            redis.clusterSetConfigEpoch(i + 1L);
            if (i < SHARDS) {
                int from = i * SLOTS / SHARDS;
                int to = (i + 1) * SLOTS / SHARDS;
                redis.clusterAddSlots(IntStream.range(from, to).toArray());
            }
        }
        RedisCommands<String, String> first = redis(servers.get(0));
        for (int i = 1; i < servers.size(); i++) {
            meet(first, servers.get(i).port(), buses.get(i));
        }
        Await.until(
                "all know one another",
                LIMIT,
                () -> servers.stream()
                        .allMatch(server -> redis(server)
                                        .clusterNodes()
                                        .lines()
                                        .filter(line -> !line.contains("handshake"))
                                        .count()
                                == servers.size()));
        for (int shard = 0; shard < SHARDS; shard++) {
            redis(servers.get(shard + SHARDS)).clusterReplicate(id(servers.get(shard)));
        }
        awaitHealthy();
    }

    /** Waits until the replica of a shard has all that its master has. */
    public void awaitReplicas(int shard) {
        awaitReplicas(1, () -> Optional.of(redis(masterNow(shard)).info("replication")));
    }

    private static void meet(RedisCommands<String, String> redis, int port, int bus) {
        redis.dispatch(
                CommandType.CLUSTER,
                new StatusOutput<>(StringCodec.UTF8),
                new CommandArgs<>(StringCodec.UTF8)
                        .add("MEET")
                        .add(ConfiguredRedis.HOST)
                        .add(port)
                        .add(bus));
    }

    private static int freePort() {
        try {
            return BinaryRedis.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RedisCommands<String, String> redis(ConfiguredRedis server) {
        return server.ask(connection -> connection.sync());
    }

    private static String id(ConfiguredRedis server) {
        return redis(server).clusterMyId();
    }

    private List<ConfiguredRedis> alive() {
        return servers.stream()
                .filter(server -> server.isRunning() && !server.isPaused())
                .toList();
    }

    /** Waits until the cluster takes writes everywhere, and every server that runs and is no master follows one. */
    public void awaitHealthy() {
        Await.until("the cluster is well", LIMIT, () -> {
            List<ConfiguredRedis> alive = alive();
            boolean ok = alive.stream().allMatch(ClusterTopology::knowsAllMasters);
            return ok
                    && alive.stream()
                            .filter(server -> !isMaster(server))
                            .allMatch(server -> server.info("replication", "master_link_status")
                                    .filter("up"::equals)
                                    .isPresent());
        });
    }

    private static boolean knowsAllMasters(ConfiguredRedis server) {
        try {
            return redis(server).clusterInfo().contains("cluster_state:ok")
                    && redis(server)
                                    .clusterNodes()
                                    .lines()
                                    .filter(line -> line.contains("master") && !line.contains("fail"))
                                    .count()
                            == SHARDS;
        } catch (RedisException e) {
            return false; // it loads its data, for instance
        }
    }

    private List<ConfiguredRedis> shard(int shard) {
        return List.of(servers.get(shard), servers.get(shard + SHARDS));
    }

    private Optional<ConfiguredRedis> master(int shard) {
        return shard(shard).stream().filter(ClusterTopology::isMaster).findFirst();
    }

    private ConfiguredRedis masterNow(int shard) {
        return master(shard).orElseThrow(() -> new IllegalStateException("shard " + shard + " has no master"));
    }

    /** {@code redis://HOST:PORT,HOST:PORT,HOST:PORT}: one of each shard. */
    public String uri() {
        return servers.subList(0, SHARDS).stream()
                .map(server -> ConfiguredRedis.HOST + ":" + server.port())
                .collect(Collectors.joining(",", "redis://", ""));
    }

    /** The port of the master of a shard. */
    public int masterPort(int shard) {
        return masterNow(shard).port();
    }

    /** Asks the master of a shard something, on a connection of the test's own. */
    public <T> T askMaster(int shard, Function<RedisCommands<String, String>, T> question) {
        return question.apply(redis(masterNow(shard)));
    }

    /** The shard that has a key. */
    public int shardOf(String key) {
        return shardOf(SlotHash.getSlot(key));
    }

    /** The shard that has a slot. */
    public int shardOf(int slot) {
        for (int shard = 0; shard < SHARDS; shard++) {
            if (slots(masterNow(shard)).contains(slot)) {
                return shard;
            }
        }
        throw new IllegalStateException("nobody has slot " + slot);
    }

    /** Ends the master of a shard by SIGKILL; returns its port. */
    public int killMaster(int shard) {
        ConfiguredRedis master = masterNow(shard);
        master.kill();
        return master.port();
    }

    /** The master of a shard stands still: connections stay, and nothing is answered. Returns its port. */
    public int pauseMaster(int shard) {
        ConfiguredRedis master = masterNow(shard);
        master.pause();
        return master.port();
    }

    /** Waits until another server than that at {@code oldPort} is master of the shard, and everything is well. */
    public void awaitFailover(int shard, int oldPort) {
        Await.until(
                "another master",
                LIMIT,
                () -> master(shard).filter(server -> server.port() != oldPort).isPresent());
        awaitHealthy();
    }

    /** Moves {@code count} slots with all their keys from one shard to another, while they serve. Returns those moved. */
    public List<Integer> moveSlots(int from, int to, int count) {
        List<Integer> moved = slots(masterNow(from)).stream().limit(count).toList();
        moved.forEach(slot -> {
            moveSlot(from, to, slot);
            awaitAgreement();
        });
        return moved;
    }

    /** Moves one slot with all its keys from one shard to another, while they serve. */
    public void moveSlot(int from, int to, int slot) {
        ConfiguredRedis source = masterNow(from);
        ConfiguredRedis target = masterNow(to);
        redis(target).clusterSetSlotImporting(slot, id(source));
        redis(source).clusterSetSlotMigrating(slot, id(target));
        while (true) {
            List<String> keys = redis(source).clusterGetKeysInSlot(slot, KEYS_AT_ONCE);
            if (keys.isEmpty()) {
                break;
            }
            redis(source)
                    .migrate(
                            ConfiguredRedis.HOST,
                            target.port(),
                            0,
                            MIGRATE_MILLIS,
                            MigrateArgs.Builder.<String>keys(keys));
        }
        redis(target).clusterSetSlotNode(slot, id(target));
        redis(source).clusterSetSlotNode(slot, id(target));
        for (int shard = 0; shard < SHARDS; shard++) {
            if (shard != from && shard != to) {
                redis(masterNow(shard)).clusterSetSlotNode(slot, id(target));
            }
        }
    }

    /**
     * Waits until all servers know of the same number of changes. Redis itself loses a slot that moves on before: the claim of
     * a former owner, sent before the move, overrules that of a new one that does not know of the owner's latest change.
     */
    public void awaitAgreement() {
        Await.until(
                "all know of the latest change",
                LIMIT,
                () -> alive().stream()
                                .map(server ->
                                        ConfiguredRedis.field(redis(server).clusterInfo(), "cluster_current_epoch"))
                                .distinct()
                                .count()
                        == 1);
    }

    private static List<Integer> slots(ConfiguredRedis server) {
        String own = redis(server)
                .clusterNodes()
                .lines()
                .filter(line -> line.contains("myself"))
                .findFirst()
                .orElseThrow();
        String[] words = own.split(" ", -1);
        List<Integer> slots = new ArrayList<>();
        for (int i = 8; i < words.length; i++) {
            if (!words[i].isEmpty() && !words[i].startsWith("[")) {
                String[] range = words[i].split("-", -1);
                IntStream.rangeClosed(Integer.parseInt(range[0]), Integer.parseInt(range[range.length - 1]))
                        .forEach(slots::add);
            }
        }
        return slots;
    }

    /** All servers stand still. */
    public void pauseAll() {
        servers.forEach(ConfiguredRedis::pause);
    }

    /** Removes every key but the one that tells which nodes live. */
    public void flush() {
        for (int shard = 0; shard < SHARDS; shard++) {
            RedisCommands<String, String> redis = redis(masterNow(shard));
            redis.keys("*").stream().filter(key -> !key.equals("rm:nodes")).forEach(redis::del);
        }
    }
}

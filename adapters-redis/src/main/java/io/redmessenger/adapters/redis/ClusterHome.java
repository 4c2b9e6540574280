package io.redmessenger.adapters.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis Cluster: the connection for commands that have a key, and the master of the slot that the stream of publications
 * is in. What Lettuce knows of the cluster is renewed every few seconds, when it is redirected, and while something fails.
 */
final class ClusterHome implements RedisHome {

    private static final Logger log = LoggerFactory.getLogger(ClusterHome.class);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration ADAPT_AT_MOST_EVERY = Duration.ofMillis(500);
    private static final int SLOT = SlotHash.getSlot(RedisKeys.PUBLISH_STREAM);

    private final RedisClusterClient client;
    private final RedisURI template;

    private volatile @Nullable StatefulRedisClusterConnection<byte[], byte[]> connection;
    private volatile @Nullable RedisURI uri;
    private volatile boolean known;

    private final Map<String, Boolean> masters = new HashMap<>(); // by id; guarded by itself
    private long failovers; // guarded by masters

    ClusterHome(ClientResources resources, List<RedisURI> nodes, ClientOptions options) {
        client = RedisClusterClient.create(resources, nodes);
        client.setOptions(ClusterClientOptions.builder(options)
                .validateClusterNodeMembership(false)
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .adaptiveRefreshTriggersTimeout(ADAPT_AT_MOST_EVERY)
                        .build())
                .build());
        template = nodes.get(0);
    }

    /** Opens the connection for commands; to be called after {@link #look}. */
    CompletionStage<Void> open() {
        return client.connectAsync(ByteArrayCodec.INSTANCE).thenCompose(opened -> {
            connection = opened;
            return connectToMasters(opened);
        });
    }

    /** Beforehand, for Lettuce rejects a command to a server that it is not connected to yet. Never fails. */
    private CompletionStage<Void> connectToMasters(StatefulRedisClusterConnection<byte[], byte[]> open) {
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (RedisClusterNode node : client.getPartitions()) {
            if (node.getRole().isUpstream() && !node.hasNoSlots()) {
                RedisURI at = node.getUri();
                all.add(open.getConnectionAsync(at.getHost(), at.getPort()).handle((connected, failure) -> {
                    if (failure != null) {
                        log.debug("cannot connect to {}: {}", RedisSettings.address(at), failure.getMessage());
                    }
                    return failure == null;
                }));
            }
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
    }

    RedisClusterAsyncCommands<byte[], byte[]> commands() {
        StatefulRedisClusterConnection<byte[], byte[]> open = connection;
        if (open == null) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "not connected to Redis yet");
        }
        return open.async();
    }

    @Override
    public Duration lookEvery() {
        return LOOK_EVERY;
    }

    @Override
    public CompletionStage<Void> look() {
        return client.refreshPartitionsAsync().thenRun(() -> {
            known = true;
            note();
            StatefulRedisClusterConnection<byte[], byte[]> open = connection;
            if (open != null) {
                var unused = connectToMasters(open);
            }
        });
    }

    @Override
    public RedisURI uri() {
        note();
        RedisURI now = uri;
        if (now == null) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "no node of the cluster has slot " + SLOT);
        }
        return now;
    }

    @Override
    public long failovers() {
        note();
        synchronized (masters) {
            return failovers;
        }
    }

    /** Lettuce renews what it knows by itself, too: so that is compared whenever somebody asks. */
    private void note() {
        if (!known) {
            return;
        }
        synchronized (masters) {
            for (RedisClusterNode node : client.getPartitions()) {
                boolean isMaster = node.getRole().isUpstream();
                Boolean was = masters.put(node.getNodeId(), isMaster);
                if (was != null && !was && isMaster) {
                    failovers++;
                    log.warn("the replica at {} has become a master", RedisSettings.address(node.getUri()));
                }
            }
            RedisClusterNode owner = client.getPartitions().getMasterBySlot(SLOT);
            RedisURI before = uri;
            if (owner != null && (before == null || !isAt(before, owner.getUri()))) {
                uri = RedisURI.builder(template)
                        .withHost(owner.getUri().getHost())
                        .withPort(owner.getUri().getPort())
                        .build();
            }
        }
    }

    private static boolean isAt(RedisURI one, RedisURI other) {
        return one.getPort() == other.getPort() && one.getHost().equals(other.getHost());
    }

    CompletionStage<Void> close(int seconds) {
        return client.shutdownAsync(0, seconds, TimeUnit.SECONDS);
    }
}

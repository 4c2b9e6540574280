package io.redmessenger.bootstrap.faults;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the nemesis can do. */
enum FaultKind {
    /** SIGKILL, and a new start. */
    NODE_KILL(Target.NODE, 500, 4_000, 3, null),
    /** SIGTERM, and a new start. */
    NODE_TERMINATE(Target.NODE, 500, 3_000, 2, null),
    /** SIGSTOP for less than the lease. */
    NODE_PAUSE(Target.NODE, 500, 3_500, 2, null),
    /** SIGSTOP for longer than the lease: it wakes up and must not go on as if nothing had happened. */
    NODE_PAUSE_PAST_LEASE(Target.NODE, 6_500, 9_000, 2, null),
    /** The node's connections to Redis are dropped; it may connect anew. */
    STORE_LINK_CUT(Target.NODE, 0, 0, 2, Topology.STANDALONE),
    /** The node cannot connect to Redis. */
    STORE_LINK_REFUSED(Target.NODE, 500, 7_000, 2, Topology.STANDALONE),
    /** What the node and Redis say does not arrive, until later. */
    STORE_LINK_STALLED(Target.NODE, 500, 8_000, 2, Topology.STANDALONE),

    CLIENT_LINK_CUT(Target.CLIENT_LINK, 0, 0, 3, null),
    CLIENT_LINK_REFUSED(Target.CLIENT_LINK, 300, 4_000, 2, null),
    CLIENT_LINK_STALLED(Target.CLIENT_LINK, 300, 8_000, 2, null),

    /** SIGKILL of Redis, or of a master, which is started again afterwards. */
    REDIS_KILL(Target.REDIS, 200, 3_000, 3, null),
    /** SIGTERM of Redis, and a new start. */
    REDIS_TERMINATE(Target.REDIS, 200, 3_000, 1, Topology.STANDALONE),
    /** SIGSTOP of Redis, or of a master: shorter and longer than what nodes, sentinels and leases wait. */
    REDIS_PAUSE(Target.REDIS, 300, 8_000, 3, null),
    /** A node's connection is closed by Redis, as for too much output or by an operator. */
    REDIS_CLIENTS_KILLED(Target.REDIS, 0, 0, 1, Topology.STANDALONE),
    /** Redis forgets its scripts. */
    REDIS_SCRIPTS_FLUSHED(Target.REDIS, 0, 0, 1, Topology.STANDALONE),

    /** SIGKILL of a sentinel, and a new start; the other two still are a majority. */
    SENTINEL_KILL(Target.SENTINEL, 500, 5_000, 2, Topology.SENTINEL);

    /** What it is done to. */
    enum Target {
        NODE,
        CLIENT_LINK,
        REDIS,
        SENTINEL
    }

    final Target target;
    final int shortest; // milliseconds
    final int longest;
    final int weight;
    private final @Nullable Topology only; // null when it is for all

    FaultKind(Target target, int shortest, int longest, int weight, @Nullable Topology only) {
        this.target = target;
        this.shortest = shortest;
        this.longest = longest;
        this.weight = weight;
        this.only = only;
    }

    static List<FaultKind> of(Topology topology) {
        return Arrays.stream(values())
                .filter(kind -> kind.only == null || kind.only == topology)
                .toList();
    }

    /** Whether the node forgets what it has heard by Pub/Sub, or stops hearing. */
    boolean makesNodeDeaf() {
        return target == Target.NODE && this != NODE_PAUSE && this != NODE_PAUSE_PAST_LEASE;
    }
}

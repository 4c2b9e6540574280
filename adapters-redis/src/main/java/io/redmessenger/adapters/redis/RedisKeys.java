package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;

/** Every name that is used in Redis. Ids are of a grammar that needs no escaping here. */
final class RedisKeys {

    /** What a backend publishes to. */
    static final String PUBLICATIONS = "rm.*";

    /** What the channel begins with by which other nodes signal to one; {@link #PUBLICATIONS} does not match it. */
    static final String NODE_CHANNELS = "rm:node:";

    private static final String PROBE_CHANNELS = "rm:probe:";

    private final String open;
    private final String close;

    private RedisKeys(String open, String close) {
        this.open = open;
        this.close = close;
    }

    /** The names for a single Redis. */
    static RedisKeys plain() {
        return new RedisKeys("", "");
    }

    /** The names for a Redis Cluster: all keys of one user, or of one group, share a hash slot. */
    static RedisKeys clustered() {
        return new RedisKeys("{", "}");
    }

    /** LIST: the inbox. */
    byte[] messages(UserId user) {
        return name("rm:users:", user.value(), ":messages");
    }

    /** HASH: the numbering of the inbox, and who has views of it. */
    byte[] state(UserId user) {
        return name("rm:users:", user.value(), ":state");
    }

    /** STRING: what the user shows in secure mode. */
    byte[] key(UserId user) {
        return name("rm:users:", user.value(), ":key");
    }

    /** SET: the members. */
    byte[] subscribers(GroupId group) {
        return name("rm:channels:", group.value(), ":subscribers");
    }

    /** STRING: who holds a lease. In a cluster it shares the slot of {@code rm:NAME}, what the lease is about. */
    byte[] lease(String name) {
        return (open.isEmpty() ? "rm:lease:" + name : "rm:lease:{rm:" + name + "}").getBytes(US_ASCII);
    }

    /** STRING: the newest token of a lease. */
    byte[] leaseTokens(String name) {
        return (new String(lease(name), US_ASCII) + ":tokens").getBytes(US_ASCII);
    }

    private byte[] name(String before, String id, String after) {
        return (before + open + id + close + after).getBytes(US_ASCII);
    }

    /** Pub/Sub channel: what other nodes tell this one. */
    static byte[] nodeChannel(String node) {
        return (NODE_CHANNELS + node).getBytes(US_ASCII);
    }

    /** Pub/Sub channel: by which a node tells whether its subscriptions are alive. */
    static byte[] probeChannel(String node) {
        return (PROBE_CHANNELS + node).getBytes(US_ASCII);
    }
}

package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.cluster.SlotHash;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Every name that is used in Redis. Ids are of a grammar that needs no escaping here. */
final class RedisKeys {

    /** What a backend publishes to. */
    static final String PUBLICATIONS = "rm.*";

    /** What the channel begins with by which other nodes signal to one; {@link #PUBLICATIONS} does not match it. */
    static final String NODE_CHANNELS = "rm:node:";

    private static final String PROBE_CHANNELS = "rm:probe:";

    /** STREAM: what backends publish durably. */
    static final byte[] PUBLISH_STREAM = "rm:publish".getBytes(US_ASCII);

    /** STREAM: what can never be published. */
    static final byte[] DEAD_STREAM = "rm:dead".getBytes(US_ASCII);

    /** ZSET: the nodes of a cluster that live. */
    static final byte[] NODES = "rm:nodes".getBytes(US_ASCII);

    /** The lease of whoever reads {@link #PUBLISH_STREAM}. */
    static final String PUBLISH_LEASE = "publish";

    /** The lease of whoever publishes what is heard. */
    static final String HEARD_LEASE = "heard";

    /** Pub/Sub channel: by which all nodes name alike what they hear. */
    static final byte[] MARKERS = "rm:markers".getBytes(US_ASCII);

    private static final int DIGEST_BYTES = 16;

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

    /** The hash slot of all keys of a user; one for all users when there is no cluster. */
    int slot(UserId user) {
        return areSpread() ? SlotHash.getSlot(user.value().getBytes(US_ASCII)) : 0;
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

    /**
     * STRING: who holds a lease. In a cluster it shares the slot of {@code rm:NAME}, what the lease is about; that about
     * what is heard is at the server where all listen.
     */
    byte[] lease(String name) {
        if (open.isEmpty()) {
            return ("rm:lease:" + name).getBytes(US_ASCII);
        }
        String other = name.equals(HEARD_LEASE) ? ":" + name : "";
        return ("rm:lease:{" + tag(name) + "}" + other).getBytes(US_ASCII);
    }

    /** HASH: how far the holder of {@link #HEARD_LEASE} has come; in a cluster at the server where all listen. */
    byte[] heard() {
        return (open.isEmpty() ? "rm:heard" : "rm:heard:{rm:publish}").getBytes(US_ASCII);
    }

    /** STRING: the newest token of a lease. */
    byte[] leaseTokens(String name) {
        return (new String(lease(name), US_ASCII) + ":tokens").getBytes(US_ASCII);
    }

    /** STRING: a bit for each number of a series of work that is done. In a cluster it shares the slot of the lease. */
    byte[] done(String lease, String series) {
        if (open.isEmpty()) {
            return ("rm:" + lease + ":" + series).getBytes(US_ASCII);
        }
        return ("rm:" + lease + ":" + series + ":{" + tag(lease) + "}").getBytes(US_ASCII);
    }

    private static String tag(String lease) {
        return lease.equals(HEARD_LEASE) ? "rm:publish" : "rm:" + lease;
    }

    /**
     * STRING, and Pub/Sub channel: by which a node tells whether Redis takes writes and its subscriptions are alive. In a
     * cluster the key is at the server where all listen.
     */
    byte[] probe(String node) {
        return (PROBE_CHANNELS + (open.isEmpty() ? "" : "{rm:publish}:") + node).getBytes(US_ASCII);
    }

    /** Whether the keys of different users may be on different servers. */
    boolean areSpread() {
        return !open.isEmpty();
    }

    /** STRING: a publication that a backend has named, by a digest, for the name may hold anything. */
    byte[] published(String key) {
        return ("rm:published:" + (open.isEmpty() ? "" : "{rm:publish}:") + digest(key)).getBytes(US_ASCII);
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private byte[] name(String before, String id, String after) {
        byte[] name = new byte[before.length() + open.length() + id.length() + close.length() + after.length()];
        int at = put(before, name, 0);
        at = put(open, name, at);
        at = put(id, name, at);
        at = put(close, name, at);
        int end = put(after, name, at);
        if (end != name.length) {
            throw new IllegalStateException("a name has another length");
        }
        return name;
    }

    /** There are two names per user of a channel and message: not worth a text of their own. */
    private static int put(String ascii, byte[] target, int at) {
        for (int i = 0; i < ascii.length(); i++) {
            target[at + i] = (byte) ascii.charAt(i);
        }
        return at + ascii.length();
    }

    /** Pub/Sub channel: what other nodes tell this one. */
    static byte[] nodeChannel(String node) {
        return (NODE_CHANNELS + node).getBytes(US_ASCII);
    }
}

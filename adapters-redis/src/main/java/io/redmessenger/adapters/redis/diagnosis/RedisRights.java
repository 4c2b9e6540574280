package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rights that RedMessenger needs as a user of Redis, each with commands that it runs by them. The same as in {@code
 * docs/redis-data-model.md}, which a test compares.
 */
public final class RedisRights {

    private static final String CHECK = "redis-rights";
    private static final int SHOWN = 6;

    /** The names that may be used: keys, and channels. */
    private static final List<String> NAMES = List.of("~rm:*", "&rm.*", "&rm:markers", "&rm:node:*", "&rm:probe:*");

    private static final String INBOX = "rm:users:doctor:messages";
    private static final String STATE = "rm:users:doctor:state";
    private static final String MEMBERS = "rm:channels:doctor:subscribers";
    private static final String LEASE = "rm:lease:publish";
    private static final String STREAM = "rm:publish";
    private static final String GROUP = "redmessenger";

    /** @param needed whether nothing works without it */
    private record Right(String rule, boolean needed, List<String> example) {

        static Right of(String rule, String... example) {
            return new Right(rule, true, List.of(example));
        }

        static Right useful(String rule, String... example) {
            return new Right(rule, false, List.of(example));
        }

        /** The command, with its subcommand where the rule is about that. */
        String shown() {
            return String.join(" ", example);
        }
    }

    private static final List<Right> RIGHTS = List.of(
            Right.of("+@connection", "PING"),
            Right.of("+@connection", "SELECT", "0"),
            Right.useful("+@connection", "CLIENT", "INFO"),
            Right.useful("+@connection", "CLIENT", "KILL", "ID", "1"),
            Right.of("+@connection", "WAIT", "1", "100"),
            Right.of("+@pubsub", "PSUBSCRIBE", "rm.*"),
            Right.of("+@pubsub", "SUBSCRIBE", "rm:markers"),
            Right.of("+@pubsub", "SUBSCRIBE", "rm:node:doctor"),
            Right.of("+@pubsub", "SUBSCRIBE", "rm:probe:doctor"),
            Right.of("+@pubsub", "PUBLISH", "rm:node:doctor", "x"),
            Right.of("+@pubsub", "PUBSUB", "NUMSUB", "rm:markers"),
            Right.of("+eval", "EVAL", "return 1", "1", INBOX),
            Right.of("+evalsha", "EVALSHA", "0".repeat(40), "1", INBOX),
            Right.of("+time", "TIME"),
            Right.of("+rpush", "RPUSH", INBOX, "x"),
            Right.of("+llen", "LLEN", INBOX),
            Right.of("+ltrim", "LTRIM", INBOX, "1", "-1"),
            Right.of("+lrange", "LRANGE", INBOX, "0", "1"),
            Right.of("+lindex", "LINDEX", INBOX, "0"),
            Right.of("+del", "DEL", INBOX),
            Right.of("+pexpire", "PEXPIRE", INBOX, "1000"),
            Right.of("+pttl", "PTTL", INBOX),
            Right.of("+incr", "INCR", "rm:lease:publish:tokens"),
            Right.of("+exists", "EXISTS", INBOX),
            Right.of("+hget", "HGET", STATE, "s"),
            Right.of("+hgetall", "HGETALL", STATE),
            Right.of("+hmget", "HMGET", "rm:heard", "marker"),
            Right.of("+hset", "HSET", "rm:heard", "marker", "x"),
            Right.of("+hdel", "HDEL", STATE, "x"),
            Right.of("+hincrby", "HINCRBY", "rm:heard", "gaps", "1"),
            Right.of("+xread", "XREAD", "COUNT", "1", "STREAMS", STREAM, "0"),
            Right.of("+xreadgroup", "XREADGROUP", "GROUP", GROUP, "reader", "COUNT", "1", "STREAMS", STREAM, ">"),
            Right.of("+xgroup", "XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM"),
            Right.of("+xinfo", "XINFO", "GROUPS", STREAM),
            Right.of("+xpending", "XPENDING", STREAM, GROUP),
            Right.of("+xclaim", "XCLAIM", STREAM, GROUP, "reader", "0", "1-1"),
            Right.of("+xack", "XACK", STREAM, GROUP, "1-1"),
            Right.of("+xadd", "XADD", "rm:dead", "*", "reason", "x"),
            Right.of("+xrange", "XRANGE", STREAM, "-", "+", "COUNT", "1"),
            Right.of("+xdel", "XDEL", STREAM, "1-1"),
            Right.of("+get", "GET", "rm:users:doctor:key"),
            Right.of("+set", "SET", LEASE, "x"),
            Right.of("+bitfield", "BITFIELD", "rm:heard:doctor", "SET", "u1", "1", "1"),
            Right.of("+bitfield_ro", "BITFIELD_RO", "rm:heard:doctor", "GET", "u1", "1"),
            Right.of("+sadd", "SADD", MEMBERS, "x"),
            Right.of("+srem", "SREM", MEMBERS, "x"),
            Right.of("+scard", "SCARD", MEMBERS),
            Right.of("+sscan", "SSCAN", MEMBERS, "0"),
            Right.useful("+info", "INFO", "replication"));

    /** What a cluster needs besides. */
    private static final List<Right> OF_CLUSTER = List.of(
            Right.of("+cluster|nodes", "CLUSTER", "NODES"),
            Right.of("+cluster|myid", "CLUSTER", "MYID"),
            Right.of("+asking", "ASKING"),
            Right.of("+readonly", "READONLY"),
            Right.of("+hkeys", "HKEYS", STATE),
            Right.of("+zadd", "ZADD", "rm:nodes", "1", "x"),
            Right.of("+zscore", "ZSCORE", "rm:nodes", "x"),
            Right.of("+zrange", "ZRANGE", "rm:nodes", "0", "-1"),
            Right.of("+zremrangebyscore", "ZREMRANGEBYSCORE", "rm:nodes", "-inf", "1"));

    private final List<Right> rights;

    private RedisRights(List<Right> rights) {
        this.rights = rights;
    }

    public static RedisRights of(boolean cluster) {
        return new RedisRights(
                cluster ? Stream.concat(RIGHTS.stream(), OF_CLUSTER.stream()).toList() : RIGHTS);
    }

    /** The rules of an ACL user that has all of them, and may do nothing that needs none of them. */
    public List<String> rules() {
        Set<String> rules = new LinkedHashSet<>(NAMES);
        rights.forEach(right -> rules.add(right.rule()));
        return List.copyOf(rules);
    }

    /** The commands to ask about. */
    public List<List<String>> commands() {
        return rights.stream().map(Right::example).toList();
    }

    /**
     * @param user whose rights they are
     * @param allowed for each of {@link #commands}: 1 when it is allowed, 0 when not, less when Redis does not know it; none
     *     when Redis cannot tell
     */
    public Finding judge(RedisCli cli, String user, List<Long> allowed) {
        if (allowed.size() != rights.size()) {
            return Finding.skipped(
                    CHECK,
                    "whether " + user + " has all rights cannot be told by a Redis before 7.0",
                    "If serve fails with NOPERM, compare what this shows with docs/redis-data-model.md:",
                    cli.administrator("ACL", "GETUSER", user));
        }
        List<String> missing = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        Set<String> useful = new LinkedHashSet<>();
        for (int i = 0; i < allowed.size(); i++) {
            Right right = rights.get(i);
            if (allowed.get(i) < 0 && right.needed()) {
                unknown.add(right.shown());
            } else if (allowed.get(i) == 0) {
                (right.needed() ? missing : useful).add(right.shown());
            }
        }
        if (!missing.isEmpty()) {
            return Finding.problem(
                    CHECK,
                    user + " may not: " + shortened(missing),
                    "RedMessenger runs these, and more may fail within its scripts. This gives all that it needs (ACL SAVE or"
                            + " CONFIG REWRITE keep it over a restart):",
                    grant(cli, user));
        }
        if (!unknown.isEmpty()) {
            return Finding.problem(
                    CHECK,
                    "Redis does not know: " + shortened(unknown),
                    "The provider has renamed or removed commands that RedMessenger needs. See what is there:",
                    cli.administrator("COMMAND", "LIST"));
        }
        if (!useful.isEmpty()) {
            return Finding.warning(
                    CHECK,
                    user + " may do all that is needed, but not: " + shortened(List.copyOf(useful)),
                    "Without these it is not noticed that Redis is another one after a failover, or a connection that hangs is"
                            + " given up without being ended in Redis.",
                    grant(cli, user));
        }
        return Finding.ok(CHECK, user + " may run all " + rights.size() + " commands that were asked about");
    }

    /** When the right to ask is missing, which RedMessenger itself needs. */
    public Finding refused(RedisCli cli, Optional<String> user, String answer) {
        String name = user.orElse("default");
        return Finding.problem(
                CHECK,
                name + " may not run scripts: " + answer,
                "RedMessenger does all its writes in scripts. This gives all that it needs (ACL SAVE or CONFIG REWRITE keep it"
                        + " over a restart):",
                grant(cli, name));
    }

    /** A command that gives all rights, and takes none. */
    public String grant(RedisCli cli, String user) {
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", user));
        words.addAll(rules());
        return cli.administrator(words.toArray(String[]::new));
    }

    private static String shortened(List<String> commands) {
        String shown = String.join(", ", commands.stream().limit(SHOWN).toList());
        return commands.size() > SHOWN ? shown + " and " + (commands.size() - SHOWN) + " more" : shown;
    }
}

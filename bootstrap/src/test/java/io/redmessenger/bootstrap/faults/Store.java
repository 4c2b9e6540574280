package io.redmessenger.bootstrap.faults;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.util.List;
import java.util.function.Function;

/** The Redis of a run, which can be mistreated. */
interface Store extends AutoCloseable {

    /** A connection of a publisher or of the harness; it does not come back by itself, so that nothing is sent twice. */
    interface Session extends AutoCloseable {

        /** Whatever takes commands for this key. */
        RedisClusterCommands<String, String> redis(String key);

        @Override
        void close();
    }

    /** Flags of a node that uses it through {@code link}, a port; 0 for none. */
    List<String> flags(int link);

    /** Where a proxy before it leads to, or 0 when nodes must find it themselves. */
    int port();

    /**
     * How many replicas a master has. An answered write may be lost by a failover unless all of them are known to have it, for
     * any of them may be promoted.
     */
    int replicas();

    Session connect();

    /** The name of a key, of which {@code id} is the part that decides on the slot in a cluster. */
    String key(String before, String id, String after);

    /** Breaks it; {@link #mend} follows. */
    void harm(FaultKind kind, int shard);

    /** Makes it well again, and returns once it is. */
    void mend();

    @Override
    void close();

    /** Asks something on a connection for this alone. */
    default <T> T ask(String key, Function<RedisClusterCommands<String, String>, T> question) {
        try (Session session = connect()) {
            return question.apply(session.redis(key));
        }
    }
}

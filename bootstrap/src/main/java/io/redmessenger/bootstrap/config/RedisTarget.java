package io.redmessenger.bootstrap.config;

import java.net.URI;

/** Which Redis is used. */
public sealed interface RedisTarget {

    /** The Redis that this program starts itself, in {@link Configuration#dataDir()}. */
    record Embedded() implements RedisTarget {
        @Override
        public String toString() {
            return "embedded";
        }
    }

    /**
     * A Redis that runs anyway.
     *
     * @param uri {@code redis://} or {@code rediss://} with a host, and perhaps user, password, port and database; with
     *     several hosts, separated by commas, for a Redis Cluster; {@code redis-sentinel://} with the hosts of sentinels and
     *     the name of the master behind {@code #}. It may hold a password: {@link #toString} does not show that,
     *     {@code uri} does
     * @param cluster whether it is a Redis Cluster
     */
    record External(URI uri, boolean cluster) implements RedisTarget {

        /** A Redis that is no cluster. */
        public External(URI uri) {
            this(uri, false);
        }

        public static External of(String host, int port) {
            return new External(URI.create("redis://" + Addresses.bracketed(host) + ":" + port));
        }

        @Override
        public String toString() {
            return Addresses.masked(uri);
        }
    }
}

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
     * @param uri {@code redis://} or {@code rediss://} with a host, and perhaps user, password, port and database. It may
     *     hold a password: {@link #toString} does not show that, {@code uri} does
     */
    record External(URI uri) implements RedisTarget {

        public static External of(String host, int port) {
            return new External(URI.create("redis://" + Addresses.bracketed(host) + ":" + port));
        }

        @Override
        public String toString() {
            return Addresses.masked(uri);
        }
    }
}

package io.redmessenger.bootstrap.config;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which web pages may connect from a browser. A request without an {@code Origin} is not a browser and passes anyway. */
public sealed interface AllowedOrigins {

    /** Only pages that this server's own host and port deliver. */
    record SameOrigin() implements AllowedOrigins {
        @Override
        public String toString() {
            return "same origin";
        }
    }

    /** Every page. */
    record Any() implements AllowedOrigins {
        @Override
        public String toString() {
            return "*";
        }
    }

    /**
     * The pages of these origins, and of no other.
     *
     * @param origins in lower case, such as {@code https://example.org} or {@code http://localhost:3000}; at least one
     */
    record Listed(Set<String> origins) implements AllowedOrigins {
        public Listed {
            origins = Collections.unmodifiableSet(new LinkedHashSet<>(origins));
        }

        @Override
        public String toString() {
            return String.join(",", origins);
        }
    }
}

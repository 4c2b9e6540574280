package io.redmessenger.adapters.redis.canary;

import io.undertow.Undertow;

/** Breaks the ban of Undertow outside the network adapter. */
public final class KnowsUndertow {
    Class<?> vendor() {
        return Undertow.class;
    }
}

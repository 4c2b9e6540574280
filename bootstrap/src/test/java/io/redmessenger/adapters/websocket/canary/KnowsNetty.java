package io.redmessenger.adapters.websocket.canary;

import io.netty.buffer.ByteBuf;

/** Breaks the ban of Netty outside the Redis adapter. */
public final class KnowsNetty {
    Class<?> vendor() {
        return ByteBuf.class;
    }
}

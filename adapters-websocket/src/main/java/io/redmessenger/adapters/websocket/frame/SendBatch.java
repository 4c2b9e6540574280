package io.redmessenger.adapters.websocket.frame;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects frames for many connections and hands them over all at once: one step and at most one wake-up per I/O thread, and
 * what the batch holds for one connection leaves in one write.
 *
 * <p>Collected frames count as unsent at once but are sent by {@link #publish} only. For the use of one thread at a time; can be
 * used again after each {@link #publish}.
 */
public final class SendBatch {
    private static final class Chain {
        final IoLoop loop;
        IoLoop.@Nullable Node newest;
        IoLoop.@Nullable Node oldest;

        Chain(IoLoop loop) {
            this.loop = loop;
        }
    }

    private final List<Chain> chains = new ArrayList<>();

    /**
     * Adds {@code frame} for {@code connection}, behind what this batch already holds for it.
     *
     * @return what {@link WebSocketConnection#send(Frame)} would return
     */
    public boolean add(WebSocketConnection connection, Frame frame) {
        if (!connection.reserve(frame.length())) {
            return false;
        }
        Chain chain = chain(connection.loop());
        IoLoop.Node node = new IoLoop.Node(connection, frame);
        node.next = chain.newest;
        chain.newest = node;
        if (chain.oldest == null) {
            chain.oldest = node;
        }
        return true;
    }

    /** Sends what was collected. */
    public void publish() {
        for (Chain chain : chains) {
            IoLoop.Node newest = chain.newest;
            IoLoop.Node oldest = chain.oldest;
            chain.newest = null;
            chain.oldest = null;
            if (newest != null && oldest != null) {
                chain.loop.post(newest, oldest);
            }
        }
    }

    private Chain chain(IoLoop loop) {
        for (Chain chain : chains) {
            if (chain.loop == loop) {
                return chain;
            }
        }
        Chain chain = new Chain(loop);
        chains.add(chain);
        return chain;
    }
}

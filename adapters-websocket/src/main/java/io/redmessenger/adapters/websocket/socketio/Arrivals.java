package io.redmessenger.adapters.websocket.socketio;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What was sent and is not proved to have arrived. Sendings are numbered; a WebSocket's pong or the next poll proves one and
 * all before it.
 */
final class Arrivals {

    /** Who sent. */
    interface Sender {

        /** Everything through this sequence has arrived. */
        void arrived(long sequence);
    }

    private record Sending(long number, Sender sender, long sequence) {}

    private final Queue<Sending> sendings = new ArrayDeque<>(0);
    private long newest;

    /** Notes a sending; returns its number. */
    long sent(Sender sender, long sequence) {
        newest++;
        sendings.add(new Sending(newest, sender, sequence));
        return newest;
    }

    /** The number of the newest sending. */
    long newest() {
        return newest;
    }

    /** How many sendings are not proved to have arrived. */
    int unproved() {
        return sendings.size();
    }

    /** Tells the senders that everything through {@code number} has arrived; each once, of its newest. */
    void proved(long number) {
        @Nullable Sending last = null;
        for (Sending next = sendings.peek(); next != null && next.number() <= number; next = sendings.peek()) {
            sendings.remove();
            if (last != null && last.sender() != next.sender()) {
                last.sender().arrived(last.sequence());
            }
            last = next;
        }
        if (last != null) {
            last.sender().arrived(last.sequence());
        }
    }
}

package io.redmessenger.domain.delivery;

import java.util.List;

/**
 * Consecutive messages of an inbox.
 *
 * @param queued in order of position; empty when nothing waits from the position that was asked for
 * @param last the position of the newest message in the inbox, at the time of reading
 * @param dropped how many messages the limit has pushed out of this inbox so far
 */
public record Page(List<Delivery.Queued> queued, long last, long dropped) {

    public Page {
        queued = List.copyOf(queued);
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;

/** Adds all that a node hears to a list: the id of a message, or what else happened in one word. */
final class RecordedSignals implements NodeSignals.Listener {

    private final List<String> events;

    /** @param events safe for concurrent use */
    RecordedSignals(List<String> events) {
        this.events = events;
    }

    @Override
    public void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {
        events.add(message.id().value());
    }

    @Override
    public void replaced(UserId user, ConnectionId connection) {
        events.add("replaced");
    }

    @Override
    public void storeLost() {
        events.add("lost");
    }

    @Override
    public void storeRestored() {
        events.add("restored");
    }
}

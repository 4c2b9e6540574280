package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import java.util.function.Consumer;

/** The signals of one node; made by {@link InMemoryStore#signalsOf}. Signals come on the thread of whoever appends. */
public final class InMemoryNodeSignals implements NodeSignals {

    private volatile Optional<Listener> listener = Optional.empty();
    private volatile boolean connected = true;
    private volatile boolean mute;

    InMemoryNodeSignals() {}

    @Override
    public void listen(Listener listener) {
        this.listener = Optional.of(listener);
    }

    @Override
    public boolean isStoreAvailable() {
        return connected;
    }

    /** Cuts the node off: it hears nothing, and others take it for dead when they come across its registration. */
    public void disconnect() {
        if (connected) {
            connected = false;
            listener.ifPresent(Listener::storeLost);
        }
    }

    /** Ends what {@link #disconnect} did. */
    public void reconnect() {
        if (!connected) {
            connected = true;
            listener.ifPresent(Listener::storeRestored);
        }
    }

    /** While true, signals get lost and nobody notices. */
    public void loseSignals(boolean lose) {
        mute = lose;
    }

    boolean isConnected() {
        return connected;
    }

    void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {
        tell(to -> to.appended(user, place, message, oldestHere));
    }

    void replaced(UserId user, ConnectionId connection) {
        tell(to -> to.replaced(user, connection));
    }

    private void tell(Consumer<Listener> signal) {
        if (connected && !mute) {
            listener.ifPresent(signal);
        }
    }
}

package io.redmessenger.application.memory;

import io.redmessenger.application.contract.NodeSignalsContract;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.NodeSignals;

class InMemoryNodeSignalsTest implements NodeSignalsContract {

    private final InMemoryStore store = new InMemoryStore(new MutableClock());

    @Override
    public NodeSignals signals() {
        return store.signalsOf("here");
    }

    @Override
    public Inbox inbox() {
        return store.inboxOf("here");
    }

    @Override
    public Inbox inboxOfAnotherNode() {
        return store.inboxOf("there");
    }

    @Override
    public void loseStore() {
        store.signalsOf("here").disconnect();
    }

    @Override
    public void restoreStore() {
        store.signalsOf("here").reconnect();
    }
}

package io.redmessenger.application.memory;

import io.redmessenger.application.contract.InboxContract;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;

class InMemoryInboxTest implements InboxContract {

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);

    @Override
    public Inbox inbox() {
        return store.inboxOf("here");
    }

    @Override
    public Inbox inboxOfAnotherNode() {
        return store.inboxOf("there");
    }

    @Override
    public Leases leases() {
        return store.leasesOf("here");
    }

    @Override
    public void storeSomethingElse(UserId user) {
        store.storeSomethingElse(user);
    }

    @Override
    public void elapse(Duration time) {
        clock.advance(time);
    }
}

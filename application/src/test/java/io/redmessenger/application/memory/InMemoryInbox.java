package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The inboxes as one node sees them; made by {@link InMemoryStore#inboxOf}. */
public final class InMemoryInbox implements Inbox {

    private final InMemoryStore store;
    private final String node;
    private final StoreCalls calls = new StoreCalls();

    InMemoryInbox(InMemoryStore store, String node) {
        this.store = store;
        this.node = node;
    }

    /** Makes the calls of this node fail or wait. */
    public StoreCalls calls() {
        return calls;
    }

    @Override
    public CompletionStage<List<AppendResult>> append(
            Message message, List<UserId> users, InboxPolicy policy, boolean again, Optional<Claim> claim) {
        return call(() -> store.append(node, message, users, policy, again, claim));
    }

    @Override
    public CompletionStage<Attachment> attach(UserId user, InboxPolicy policy, Presence presence) {
        return call(() -> store.attach(node, user, presence));
    }

    @Override
    public CompletionStage<Void> detach(Progress progress, long shown) {
        return call(() -> {
                    store.detach(node, progress, shown);
                    return true;
                })
                .thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Boolean> acknowledge(Progress progress) {
        return call(() -> store.acknowledge(node, progress));
    }

    @Override
    public CompletionStage<Optional<Page>> page(UserId user, String epoch, long first, int count) {
        return call(() -> store.page(user, epoch, first, count));
    }

    @Override
    public CompletionStage<Contents> peek(UserId user, int count) {
        return call(() -> store.peek(user, count));
    }

    @Override
    public CompletionStage<Long> clear(UserId user) {
        return call(() -> store.clear(user));
    }

    private <T> CompletionStage<T> call(Supplier<T> step) {
        CompletionStage<T> stage = calls.call(step);
        store.sendSignals();
        return stage;
    }
}

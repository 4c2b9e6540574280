package io.redmessenger.benchmarks;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.LiveConnection;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers at once and keeps nothing, so that what is measured is the application and not a store: every message is
 * appended to every inbox that there is, and this node has a view of each.
 */
final class ImmediateInbox implements Inbox {

    private static final String EPOCH = "epoch";

    private long position;
    private long acknowledged;

    /** How many acknowledgements were recorded. */
    long acknowledged() {
        return acknowledged;
    }

    @Override
    public CompletionStage<List<AppendResult>> append(
            Message message, List<UserId> users, InboxPolicy policy, boolean again, Optional<Claim> claim) {
        position++;
        List<AppendResult> results = new ArrayList<>(users.size());
        for (UserId user : users) {
            results.add(new AppendResult.Stored(user, new InboxPlace(EPOCH, position), 0, true, 0, false, true));
        }
        return CompletableFuture.completedFuture(results);
    }

    @Override
    public CompletionStage<Attachment> attach(UserId user, InboxPolicy policy, Presence presence) {
        List<LiveConnection> connections = presence.connections().stream()
                .map(connection ->
                        new LiveConnection(connection.id(), connection.id().value() + 1))
                .toList();
        return CompletableFuture.completedFuture(
                new Attachment(EPOCH, position + 1, position, position, 0, 0, connections, true));
    }

    @Override
    public CompletionStage<Boolean> acknowledge(Progress progress) {
        acknowledged++;
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<Void> detach(Progress progress, long shown) {
        return nothingThere();
    }

    @Override
    public CompletionStage<Optional<Page>> page(UserId user, String epoch, long first, int count) {
        return nothingThere();
    }

    @Override
    public CompletionStage<Contents> peek(UserId user, int count) {
        return nothingThere();
    }

    @Override
    public CompletionStage<Long> clear(UserId user) {
        return nothingThere();
    }

    private static <T> CompletionStage<T> nothingThere() {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("nothing is kept here"));
    }
}

package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.Recipient;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The in-memory twin of what the commands talk to. */
final class MemoryBackend implements BackendAccess, Administration {

    final List<String> published = new ArrayList<>();
    final Map<UserId, List<Message>> inboxes = new HashMap<>();
    final Map<GroupId, Set<UserId>> members = new HashMap<>();
    final Map<UserId, Credential> keys = new HashMap<>();
    final List<Configuration> opened = new ArrayList<>();
    int closed;
    long nodes = 1;

    @Nullable
    PortException failure;

    BackendAccess open(Configuration configuration) {
        opened.add(configuration);
        return this;
    }

    private <T> CompletionStage<T> done(T value) {
        return failure == null ? CompletableFuture.completedFuture(value) : CompletableFuture.failedFuture(failure);
    }

    @Override
    public CompletionStage<Long> publish(Recipient to, Payload payload) {
        published.add(to.address() + " " + payload.text());
        return done(nodes);
    }

    @Override
    public Administration administration() {
        return this;
    }

    @Override
    public void close() {
        closed++;
    }

    @Override
    public CompletionStage<Inbox.Contents> inbox(UserId user, int count) {
        List<Message> all = inboxes.getOrDefault(user, List.of());
        return done(new Inbox.Contents(all.size(), all.subList(0, Math.min(count, all.size()))));
    }

    @Override
    public CompletionStage<Long> clearInbox(UserId user) {
        List<Message> removed = inboxes.remove(user);
        return done(removed == null ? 0L : removed.size());
    }

    @Override
    public CompletionStage<List<UserId>> members(GroupId group, int limit) {
        return done(members.getOrDefault(group, Set.of()).stream().limit(limit).toList());
    }

    @Override
    public CompletionStage<Boolean> addMember(GroupId group, UserId user) {
        return done(members.computeIfAbsent(group, any -> new LinkedHashSet<>()).add(user));
    }

    @Override
    public CompletionStage<Boolean> removeMember(GroupId group, UserId user) {
        return done(members.getOrDefault(group, new LinkedHashSet<>()).remove(user));
    }

    @Override
    public CompletionStage<Optional<Credential>> key(UserId user) {
        return done(Optional.ofNullable(keys.get(user)));
    }

    @Override
    @SuppressWarnings("NullAway") // a Void stage completes with nothing else
    public CompletionStage<Void> setKey(UserId user, Credential key) {
        keys.put(user, key);
        return done((Void) null);
    }

    @Override
    public CompletionStage<Boolean> revokeKey(UserId user) {
        return done(keys.remove(user) != null);
    }
}

package io.redmessenger.application.service;

import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What an operator may look into and change. */
public final class AdministerService implements Administration {

    private final Inbox inbox;
    private final GroupMembership groups;
    private final CredentialStore credentials;

    public AdministerService(Inbox inbox, GroupMembership groups, CredentialStore credentials) {
        this.inbox = inbox;
        this.groups = groups;
        this.credentials = credentials;
    }

    @Override
    public CompletionStage<Inbox.Contents> inbox(UserId user, int count) {
        return inbox.peek(user, count);
    }

    @Override
    public CompletionStage<Long> clearInbox(UserId user) {
        return inbox.clear(user);
    }

    @Override
    public CompletionStage<List<UserId>> members(GroupId group, int limit) {
        return walk(group, GroupMembership.START, new LinkedHashSet<>(), limit);
    }

    private CompletionStage<List<UserId>> walk(GroupId group, String cursor, Set<UserId> found, int limit) {
        return groups.members(group, cursor).thenCompose(members -> {
            members.users().stream().limit(limit).forEach(found::add);
            if (members.isLast() || found.size() >= limit) {
                return CompletableFuture.completedStage(
                        found.stream().limit(limit).toList());
            }
            return walk(group, members.next(), found, limit);
        });
    }

    @Override
    public CompletionStage<Boolean> addMember(GroupId group, UserId user) {
        return groups.add(group, user);
    }

    @Override
    public CompletionStage<Boolean> removeMember(GroupId group, UserId user) {
        return groups.remove(group, user);
    }

    @Override
    public CompletionStage<Optional<Credential>> key(UserId user) {
        return credentials.credentialOf(user);
    }

    @Override
    public CompletionStage<Void> setKey(UserId user, Credential key) {
        return credentials.set(user, key);
    }

    @Override
    public CompletionStage<Boolean> revokeKey(UserId user) {
        return credentials.revoke(user);
    }
}

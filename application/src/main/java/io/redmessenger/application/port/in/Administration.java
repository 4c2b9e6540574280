package io.redmessenger.application.port.in;

import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What an operator may look into and change. Stages fail with {@code PortException}. */
public interface Administration {

    /**
     * The oldest messages of an inbox, and how many it holds.
     *
     * @param count 1 to 1024
     */
    CompletionStage<Inbox.Contents> inbox(UserId user, int count);

    /** Empties an inbox, and returns how many messages it held. */
    CompletionStage<Long> clearInbox(UserId user);

    /**
     * The members of a channel.
     *
     * @param limit the most to return, 1 or more
     */
    CompletionStage<List<UserId>> members(GroupId group, int limit);

    /** Returns whether the user was not a member before. */
    CompletionStage<Boolean> addMember(GroupId group, UserId user);

    /** Returns whether the user was a member before. */
    CompletionStage<Boolean> removeMember(GroupId group, UserId user);

    /** The user's key. */
    CompletionStage<Optional<Credential>> key(UserId user);

    CompletionStage<Void> setKey(UserId user, Credential key);

    /** Returns whether there was a key. */
    CompletionStage<Boolean> revokeKey(UserId user);
}

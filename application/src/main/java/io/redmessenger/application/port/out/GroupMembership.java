package io.redmessenger.application.port.out;

import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Who belongs to which group. Backends may change the members behind our back at any time.
 *
 * <p>Safe for concurrent use; stages complete off the network side's I/O threads and fail only with
 * {@link PortException}: {@link ErrorCode#WRONG_KIND} when something else is stored under the group's name.
 */
public interface GroupMembership {

    /** Where a walk over the members begins. */
    String START = "0";

    /**
     * Reads some members. A walk from {@link #START} along {@link Members#next} meets everyone who was a member all the
     * while, perhaps more than once, and never holds the store up for more than a few milliseconds.
     */
    CompletionStage<Members> members(GroupId group, String cursor);

    /**
     * Part of a walk.
     *
     * @param users without repetition within this part; may be empty even when the walk goes on
     * @param next where the walk goes on; {@link #START} when it is over
     * @param invalid how many members were left out because they are no user ids
     */
    record Members(List<UserId> users, String next, int invalid) {
        public Members {
            users = List.copyOf(users);
        }

        public boolean isLast() {
            return next.equals(START);
        }
    }

    /** How many members there are; 0 for a group that nobody has joined. */
    CompletionStage<Long> size(GroupId group);

    /** Returns whether the user was not a member before. */
    CompletionStage<Boolean> add(GroupId group, UserId user);

    /** Returns whether the user was a member before. */
    CompletionStage<Boolean> remove(GroupId group, UserId user);
}

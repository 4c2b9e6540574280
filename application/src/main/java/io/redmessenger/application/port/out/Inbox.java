package io.redmessenger.application.port.out;

import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Messages that users have not acknowledged yet, oldest first. One inbox per user, shared by all nodes.
 *
 * <p>Safe for concurrent use. Calls are carried out in the order in which one thread makes them, as far as they concern
 * the same user. Every stage completes off the I/O threads of the network side, and fails only with
 * {@link PortException}; {@link ErrorCode#STORE_UNAVAILABLE} leaves open whether the call was carried out.
 */
public interface Inbox {

    /**
     * Appends one message to the inboxes of some users; atomic per user. The order of appends is the order of
     * {@link #page}. When an inbox holds {@code policy.limit()} messages its oldest are dropped and reported. Every
     * other attached node is notified.
     *
     * @param message what to append
     * @param users without repetition; any number
     * @param policy what the inboxes keep; one that gets no message for {@code policy.expiry()} vanishes
     * @param again true when an earlier attempt may have stored the message: it is then looked for among the newest
     *     {@value #LOOK_BACK} of each inbox, and not appended twice
     * @param claim the work that this belongs to, if any. When its lease is over nothing is stored, and the stage fails with
     *     {@link ErrorCode#LEASE_OVER}; when its attempt is abandoned, with {@link ErrorCode#STORE_UNAVAILABLE}. When that
     *     piece of work is done already nothing is stored either, and the results say {@linkplain
     *     AppendResult.Stored#repeated() repeated}; the place is that of the message where it still waits, and position 0
     *     where it does not. A store that keeps inboxes on several machines cannot tell in the same step whether the lease is
     *     over or the piece done, and then ignores that
     * @return one result per user, in the order of {@code users}
     */
    CompletionStage<List<AppendResult>> append(
            Message message, List<UserId> users, InboxPolicy policy, boolean again, Optional<Claim> claim);

    /** As above, for what any node may do at any time. */
    default CompletionStage<List<AppendResult>> append(
            Message message, List<UserId> users, InboxPolicy policy, boolean again) {
        return append(message, users, policy, again, Optional.empty());
    }

    /** How many messages a repeated append looks back. */
    int LOOK_BACK = 1024;

    /**
     * Registers this node as one with views of the inbox, and its connections of the user, so that later appends notify
     * it, and tells what waits, in one step. Repeating it is harmless, and keeps the registration from expiring; the
     * connections of the latest call count.
     *
     * <p>When the user has more than {@code presence.limit()} connections on all nodes by that, the oldest are registered
     * no longer: this node learns of its own by the {@link Attachment}, another by
     * {@link NodeSignals.Listener#replaced}.
     *
     * @param presence this node's connections of the user. One whose age is known keeps it, even if the store has
     *     forgotten it
     * @return fails with {@link ErrorCode#WRONG_KIND} when the user's keys hold something else
     */
    CompletionStage<Attachment> attach(UserId user, InboxPolicy policy, Presence presence);

    /**
     * Ends the registration of this node and its connections, after recording {@code progress} as {@link #acknowledge} does. Messages that were offered
     * and are not done with count as {@linkplain Attachment#shown shown} from then on. The registration ends even when
     * {@code progress} does not fit the inbox any more; then nothing is recorded.
     *
     * @param shown the position through which messages were offered on any connection
     */
    CompletionStage<Void> detach(Progress progress, long shown);

    /**
     * Removes what is done with, as far as no view of any node still needs it. A node that others have taken for dead is
     * not registered again by this; it learns of that from {@link NodeSignals.Listener#storeRestored}.
     *
     * @return false when {@code progress} does not fit the inbox any more (another epoch, another message at the mark,
     *     or positions that do not exist): nothing was removed, and the caller should {@link #attach} anew
     */
    CompletionStage<Boolean> acknowledge(Progress progress);

    /**
     * Reads from {@code first} on, without changing anything. May return fewer than {@code count} messages, but at least
     * one when there is one.
     *
     * @param epoch the numbering that {@code first} belongs to
     * @param count 1 to 1024
     * @return fails with {@link ErrorCode#WRONG_KIND} too; an empty {@code Optional} when the epoch is another by now
     */
    CompletionStage<Optional<Page>> page(UserId user, String epoch, long first, int count);

    /**
     * Reads the oldest messages, for an administrator's eyes; expired ones included.
     *
     * @param count 1 to 1024
     */
    CompletionStage<Contents> peek(UserId user, int count);

    /** The number of messages in an inbox, and the oldest of them. */
    record Contents(long size, List<Message> oldest) {
        public Contents {
            oldest = List.copyOf(oldest);
        }
    }

    /** Removes every message, and returns how many those were. Live views go on with what comes next. */
    CompletionStage<Long> clear(UserId user);
}

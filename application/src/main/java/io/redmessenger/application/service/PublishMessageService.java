package io.redmessenger.application.service;

import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.GroupMembership.Members;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stores publications, first come, first stored. The members of a channel are looked up ahead of a publication's turn; a
 * channel that takes more than one look is walked beside the queue, one publication of it at a time.
 */
public final class PublishMessageService implements Publisher {

    private final Inbox inbox;
    private final GroupMembership groups;
    private final OpenSessionService sessions;
    private final Telemetry telemetry;
    private final InboxPolicy policy;

    /** Publications whose turn has not come. Guarded by this. */
    private final Queue<Pending> queue = new ArrayDeque<>();

    /** The channels that are being walked, and the publications to each that wait for that to end. Guarded by this. */
    private final Map<GroupId, Walk> walks = new HashMap<>();

    public PublishMessageService(
            Inbox inbox, GroupMembership groups, OpenSessionService sessions, Telemetry telemetry, InboxPolicy policy) {
        this.inbox = inbox;
        this.groups = groups;
        this.sessions = sessions;
        this.telemetry = telemetry;
        this.policy = policy;
    }

    /** A channel whose publications are stored beside the queue. */
    private static final class Walk {
        final Queue<Pending> waiting = new ArrayDeque<>();
        boolean advancing; // some thread is at it
        boolean finished; // what it has begun was over before it could turn round
    }

    /** A publication on its way; {@code members} and {@code failure} say what the look at its recipients has brought. */
    private static final class Pending {
        final Publication publication;
        final CompletableFuture<Receipt> receipt = new CompletableFuture<>();

        @Nullable
        Members members;

        @Nullable
        Throwable failure;

        boolean walking; // it is the one that its channel's walk is about
        long recipients;
        long attached;
        long rejected;

        Pending(Publication publication) {
            this.publication = publication;
        }

        boolean isResolved() {
            return members != null || failure != null;
        }
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication) {
        Pending pending = new Pending(publication);
        if (publication.to() instanceof UserId user) {
            pending.members = new Members(List.of(user), GroupMembership.START, 0);
            synchronized (this) {
                queue.add(pending);
            }
            storeThoseWhoseTurnItIs();
        } else if (publication.to() instanceof GroupId group) {
            // even while the channel is walked: others to it may be in the queue, and come first
            synchronized (this) {
                queue.add(pending);
            }
            groups.members(group, GroupMembership.START).whenComplete((members, failure) -> {
                synchronized (this) {
                    pending.members = members;
                    pending.failure = failure;
                }
                storeThoseWhoseTurnItIs();
            });
        }
        return pending.receipt;
    }

    private void storeThoseWhoseTurnItIs() {
        Queue<Pending> failed = new ArrayDeque<>();
        synchronized (this) {
            for (Pending head = queue.peek(); head != null && head.isResolved(); head = queue.peek()) {
                queue.remove();
                if (head.failure != null) {
                    failed.add(head);
                } else if (head.publication.to() instanceof GroupId group && walks.containsKey(group)) {
                    head.members = null; // the walk looks again
                    walks.get(group).waiting.add(head);
                } else {
                    if (head.publication.to() instanceof GroupId group
                            && head.members != null
                            && !head.members.isLast()) {
                        walks.put(group, new Walk());
                        head.walking = true;
                    }
                    store(head, head.publication.again());
                }
            }
        }
        failed.forEach(this::fail);
    }

    private void fail(Pending pending) {
        if (pending.failure != null) {
            pending.receipt.completeExceptionally(pending.failure);
        }
    }

    /** Appends to the inboxes of the members at hand, then goes on to the next ones. */
    private void store(Pending pending, boolean again) {
        Members members = pending.members;
        if (members == null) {
            throw new IllegalStateException("members are not known yet");
        }
        Optional<Claim> claim = pending.publication.claim();
        inbox.append(
                        pending.publication.message(),
                        members.users(),
                        policy,
                        again,
                        members.isLast() ? claim : claim.map(Claim::inPart))
                .whenComplete((results, failure) -> {
                    if (failure == null) {
                        sessions.appended(pending.publication.message(), results);
                        results.forEach(result -> tally(pending, result));
                    } else if (pending.failure == null) {
                        pending.failure = failure;
                    }
                    if (!members.isLast() && pending.failure == null) {
                        lookFurther(pending, members.next());
                    } else {
                        finish(pending);
                    }
                });
    }

    private void tally(Pending pending, AppendResult result) {
        pending.recipients++;
        if (result instanceof AppendResult.Stored stored) {
            telemetry.count(Event.STORED);
            if (stored.dropped() > 0) {
                telemetry.count(Event.DROPPED, stored.dropped());
            }
            if (stored.attachedHere() || stored.attachedElsewhere() > 0) {
                pending.attached++;
            }
        } else {
            pending.rejected++;
            telemetry.count(Event.WRONG_KIND);
        }
    }

    private void lookFurther(Pending pending, String cursor) {
        if (pending.publication.to() instanceof GroupId group) {
            groups.members(group, cursor).whenComplete((members, failure) -> {
                pending.members = members;
                pending.failure = failure;
                if (failure == null) {
                    store(pending, true); // a walk may meet a member twice
                } else {
                    finish(pending);
                }
            });
        }
    }

    private void finish(Pending pending) {
        if (pending.failure == null) {
            pending.receipt.complete(new Receipt(pending.recipients, pending.attached, pending.rejected));
        } else {
            fail(pending);
        }
        if (pending.publication.to() instanceof GroupId group) {
            nextInWalk(group, pending);
        }
    }

    /**
     * Once a walk is over, the next publication to that channel begins its own. While the store cannot be reached each is over
     * at once, and there may be thousands: hence a loop, and no recursion.
     */
    private void nextInWalk(GroupId group, Pending finished) {
        Walk walk;
        synchronized (this) {
            walk = walks.get(group);
            if (walk == null || !finished.walking) {
                return;
            }
            walk.finished = true;
            if (walk.advancing) {
                return;
            }
            walk.advancing = true;
        }
        while (true) {
            Pending next;
            synchronized (this) {
                if (!walk.finished) {
                    walk.advancing = false;
                    return;
                }
                walk.finished = false;
                next = walk.waiting.poll();
                if (next == null) {
                    walks.remove(group);
                    return;
                }
            }
            next.walking = true;
            begin(group, next);
        }
    }

    private void begin(GroupId group, Pending pending) {
        groups.members(group, GroupMembership.START).whenComplete((members, failure) -> {
            pending.members = members;
            pending.failure = failure;
            if (failure == null) {
                store(pending, pending.publication.again());
            } else {
                finish(pending);
            }
        });
    }
}

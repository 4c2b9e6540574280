package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/** Groups in memory. A walk is in order of id, and returns {@code chunk} members at a time. */
public final class InMemoryGroupMembership implements GroupMembership {

    private final int chunk;
    private final Map<GroupId, NavigableSet<String>> groups = new HashMap<>();
    private final Set<GroupId> somethingElse = new HashSet<>();
    private final StoreCalls calls = new StoreCalls();

    public InMemoryGroupMembership() {
        this(2_000);
    }

    /** @param chunk how many members one part of a walk has, 1 or more */
    public InMemoryGroupMembership(int chunk) {
        this.chunk = chunk;
    }

    /** Makes calls fail or wait. */
    public StoreCalls calls() {
        return calls;
    }

    /** Adds a member as a backend would, whatever its text. */
    public synchronized void addDirectly(GroupId group, String member) {
        groups.computeIfAbsent(group, id -> new TreeSet<>()).add(member);
    }

    /** Puts something that is no set of members under the group's name. */
    public synchronized void storeSomethingElse(GroupId group) {
        somethingElse.add(group);
    }

    @Override
    public CompletionStage<Members> members(GroupId group, String cursor) {
        return calls.call(() -> walk(group, cursor));
    }

    // the cursor is the last member met, behind a letter that keeps it apart from START
    private synchronized Members walk(GroupId group, String cursor) {
        NavigableSet<String> members = membersOf(group);
        List<UserId> users = new ArrayList<>();
        int invalid = 0;
        int met = 0;
        for (String member : cursor.equals(START) ? members : members.tailSet(cursor.substring(1), false)) {
            try {
                users.add(new UserId(member));
            } catch (IllegalArgumentException e) {
                invalid++;
            }
            if (++met == chunk) {
                return new Members(users, "c" + member, invalid);
            }
        }
        return new Members(users, START, invalid);
    }

    @Override
    public CompletionStage<Long> size(GroupId group) {
        return calls.call(() -> sizeOf(group));
    }

    private synchronized long sizeOf(GroupId group) {
        return membersOf(group).size();
    }

    @Override
    public CompletionStage<Boolean> add(GroupId group, UserId user) {
        return calls.call(() -> addTo(group, user));
    }

    private synchronized boolean addTo(GroupId group, UserId user) {
        return membersOf(group).add(user.value());
    }

    @Override
    public CompletionStage<Boolean> remove(GroupId group, UserId user) {
        return calls.call(() -> removeFrom(group, user));
    }

    private synchronized boolean removeFrom(GroupId group, UserId user) {
        return membersOf(group).remove(user.value());
    }

    private NavigableSet<String> membersOf(GroupId group) {
        if (somethingElse.contains(group)) {
            throw new PortException(ErrorCode.WRONG_KIND, "channel " + group + " is something else");
        }
        return groups.computeIfAbsent(group, id -> new TreeSet<>());
    }
}

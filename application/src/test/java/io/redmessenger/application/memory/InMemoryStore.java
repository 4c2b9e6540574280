package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.LiveConnection;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The store that several nodes share. Each gets its own {@link #inboxOf} and {@link #signalsOf}. */
public final class InMemoryStore {

    private final Clock clock;
    private final Map<UserId, Entries> inboxes = new HashMap<>();
    private final Set<UserId> somethingElse = new HashSet<>();
    private final Map<String, InMemoryInbox> nodes = new HashMap<>();
    private final Map<String, InMemoryNodeSignals> signals = new HashMap<>();
    private final InMemoryLeases.Register leases;
    private final Set<String> done = new HashSet<>();
    private final ArrayDeque<Runnable> notifications = new ArrayDeque<>();
    private boolean notifying;
    private int epochs;

    public InMemoryStore(Clock clock) {
        this.clock = clock;
        this.leases = new InMemoryLeases.Register(clock);
    }

    /** The inbox as {@code node} sees it; the same object each time. */
    public synchronized InMemoryInbox inboxOf(String node) {
        return nodes.computeIfAbsent(node, name -> new InMemoryInbox(this, name));
    }

    /** The signals that {@code node} gets; the same object each time. */
    public synchronized InMemoryNodeSignals signalsOf(String node) {
        return signals.computeIfAbsent(node, name -> new InMemoryNodeSignals());
    }

    /** Puts something that is no inbox under the user's name. */
    public synchronized void storeSomethingElse(UserId user) {
        somethingElse.add(user);
    }

    /** What an operator does about {@link #storeSomethingElse}: removes it. */
    public synchronized void repair(UserId user) {
        somethingElse.remove(user);
    }

    /** Forgets all inboxes and registrations, as a store that lost its data does; later epochs are new ones. */
    public synchronized void forgetEverything() {
        inboxes.clear();
    }

    /** The leases that {@code node} asks for. */
    public InMemoryLeases leasesOf(String node) {
        return leases.leasesOf(node);
    }

    /** A state of the store, to go back to. */
    public final class Snapshot {
        private final Map<UserId, Entries> copies = new HashMap<>();

        private Snapshot() {
            inboxes.forEach((user, entries) -> copies.put(user, new Entries(entries)));
        }
    }

    /** What a replica that stops here would have. */
    public synchronized Snapshot snapshot() {
        return new Snapshot();
    }

    /** Goes back, as by a failover to a replica that lagged. Nobody is told; numbering goes on from there. */
    public synchronized void restore(Snapshot snapshot) {
        inboxes.clear();
        snapshot.copies.forEach((user, entries) -> inboxes.put(user, new Entries(entries)));
    }

    synchronized List<AppendResult> append(
            String node,
            Message message,
            List<UserId> users,
            InboxPolicy policy,
            boolean again,
            Optional<Claim> claim) {
        if (claim.isPresent() && !leases.isHeld(claim.get().lease())) {
            throw new PortException(ErrorCode.LEASE_OVER, "the lease is over");
        }
        if (claim.isPresent() && claim.get().attempt().isAbandoned()) {
            throw new PortException(ErrorCode.STORE_UNAVAILABLE, "something before it was not stored");
        }
        boolean isDone = claim.map(InMemoryStore::nameOf).filter(done::contains).isPresent();
        List<AppendResult> results = new ArrayList<>(users.size());
        for (UserId user : users) {
            results.add(
                    somethingElse.contains(user)
                            ? new AppendResult.Rejected(user, ErrorCode.WRONG_KIND)
                            : append(node, message, user, policy, again, isDone));
        }
        claim.filter(Claim::completes).map(InMemoryStore::nameOf).ifPresent(done::add);
        return results;
    }

    private static String nameOf(Claim claim) {
        return claim.series() + " " + claim.number();
    }

    private AppendResult append(
            String node, Message message, UserId user, InboxPolicy policy, boolean again, boolean isDone) {
        Entries entries = entriesOf(user);
        reap(entries);
        boolean here = entries.marks.containsKey(node);
        int elsewhere = entries.marks.size() - (here ? 1 : 0);
        Optional<String> bubbling = entries.nodeOfOldest();
        boolean oldestHere = here && (elsewhere == 0 || bubbling.equals(Optional.of(node)));
        if (again || isDone) {
            int oldest = Math.max(0, entries.messages.size() - Inbox.LOOK_BACK);
            for (int i = entries.messages.size() - 1; i >= oldest; i--) {
                if (entries.messages.get(i).id().equals(message.id())) {
                    InboxPlace place = new InboxPlace(entries.epoch, entries.head() + i);
                    return new AppendResult.Stored(user, place, 0, here, elsewhere, true, oldestHere);
                }
            }
        }
        if (isDone) {
            return new AppendResult.Stored(
                    user, new InboxPlace(entries.epoch, 0), 0, here, elsewhere, true, oldestHere);
        }
        entries.last++;
        entries.messages.add(message);
        int dropped = Math.max(0, entries.messages.size() - policy.limit());
        entries.messages.subList(0, dropped).clear();
        entries.dropped += dropped;
        entries.expiresAt = clock.millis() + policy.expiry().toMillis();
        InboxPlace place = new InboxPlace(entries.epoch, entries.last);
        for (String attached : entries.marks.keySet()) {
            if (!attached.equals(node)) {
                InMemoryNodeSignals to = signalsOf(attached);
                boolean oldestThere = bubbling.equals(Optional.of(attached));
                notifications.add(() -> to.appended(user, place, message, oldestThere));
            }
        }
        return new AppendResult.Stored(user, place, dropped, here, elsewhere, false, oldestHere);
    }

    synchronized Attachment attach(String node, UserId user, Presence presence) {
        Entries entries = checked(user);
        reap(entries);
        entries.marks.putIfAbsent(node, entries.last);
        for (Registered replaced : entries.register(node, presence, clock.millis())) {
            if (!replaced.node().equals(node)) {
                InMemoryNodeSignals to = signalsOf(replaced.node());
                notifications.add(() -> to.replaced(user, replaced.id()));
            }
        }
        return new Attachment(
                entries.epoch,
                Math.max(entries.head(), entries.acknowledged + 1),
                entries.last,
                entries.shown,
                entries.dropped,
                entries.dropped - entries.told,
                entries.connections.stream()
                        .filter(one -> one.node().equals(node))
                        .map(one -> new LiveConnection(one.id(), one.since()))
                        .toList(),
                entries.nodeOfOldest().equals(Optional.of(node)));
    }

    synchronized boolean acknowledge(String node, Progress progress) {
        Entries entries = checked(progress.user());
        if (!fits(entries, progress)) {
            return false;
        }
        entries.marks.computeIfPresent(node, (name, mark) -> progress.offeredThrough());
        entries.acknowledge(progress);
        return true;
    }

    synchronized void detach(String node, Progress progress, long shown) {
        Entries entries = checked(progress.user());
        entries.forget(node);
        if (fits(entries, progress)) {
            entries.shown = Math.max(entries.shown, Math.min(shown, entries.last));
            entries.acknowledge(progress);
        }
        if (entries.marks.isEmpty() && entries.messages.isEmpty() && entries.dropped <= entries.told) {
            inboxes.remove(progress.user());
        }
    }

    private static boolean fits(Entries entries, Progress progress) {
        if (!entries.epoch.equals(progress.epoch()) || progress.offeredThrough() > entries.last) {
            return false;
        }
        if (progress.done().isEmpty()) {
            return true;
        }
        Mark mark = progress.done().get();
        return mark.position() <= entries.last
                && (mark.position() < entries.head()
                        || entries.at(mark.position()).id().equals(mark.id()));
    }

    synchronized Optional<Page> page(UserId user, String epoch, long first, int count) {
        Entries entries = checked(user);
        if (!entries.epoch.equals(epoch)) {
            return Optional.empty();
        }
        List<Delivery.Queued> queued = new ArrayList<>();
        for (long position = Math.max(first, entries.head());
                position <= entries.last && queued.size() < count;
                position++) {
            queued.add(new Delivery.Queued(position, entries.at(position)));
        }
        return Optional.of(new Page(queued, entries.last, entries.dropped));
    }

    synchronized Inbox.Contents peek(UserId user, int count) {
        List<Message> messages = checked(user).messages;
        return new Inbox.Contents(messages.size(), messages.subList(0, Math.min(count, messages.size())));
    }

    synchronized long clear(UserId user) {
        Entries entries = checked(user);
        int size = entries.messages.size();
        entries.messages.clear();
        entries.acknowledged = entries.last;
        return size;
    }

    private Entries checked(UserId user) {
        if (somethingElse.contains(user)) {
            throw new PortException(ErrorCode.WRONG_KIND, "the inbox of " + user + " is something else");
        }
        return entriesOf(user);
    }

    private Entries entriesOf(UserId user) {
        Entries entries = inboxes.computeIfAbsent(user, id -> new Entries("e" + ++epochs));
        if (clock.millis() >= entries.expiresAt) {
            entries.messages.clear();
        }
        return entries;
    }

    /** Forgets nodes that are gone; what waited may have been shown there. */
    private void reap(Entries entries) {
        for (String node : List.copyOf(entries.marks.keySet())) {
            if (!signalsOf(node).isConnected()) {
                entries.forget(node);
                entries.shown = entries.last;
            }
        }
    }

    /** Tells the nodes, in order, one at a time, and not while the store is locked. */
    void sendSignals() {
        while (true) {
            Runnable next;
            synchronized (this) {
                if (notifying) {
                    return; // whoever is at it takes ours along
                }
                next = notifications.poll();
                if (next == null) {
                    return;
                }
                notifying = true;
            }
            try {
                next.run();
            } finally {
                synchronized (this) {
                    notifying = false;
                }
            }
        }
    }

    /** A live connection of the user, and its node. */
    private record Registered(String node, ConnectionId id, long since) {}

    /** One inbox. */
    private static final class Entries {
        final String epoch;
        final List<Message> messages = new ArrayList<>();
        final Map<String, Long> marks = new HashMap<>();
        final List<Registered> connections = new ArrayList<>(); // of all nodes, oldest first
        long last;
        long acknowledged;
        long shown;
        long dropped;
        long told;
        long expiresAt = Long.MAX_VALUE;

        Entries(String epoch) {
            this.epoch = epoch;
        }

        Entries(Entries other) {
            this(other.epoch);
            messages.addAll(other.messages);
            marks.putAll(other.marks);
            connections.addAll(other.connections);
            last = other.last;
            acknowledged = other.acknowledged;
            shown = other.shown;
            dropped = other.dropped;
            told = other.told;
            expiresAt = other.expiresAt;
        }

        long head() {
            return last - messages.size() + 1;
        }

        Message at(long position) {
            return messages.get((int) (position - head()));
        }

        Optional<String> nodeOfOldest() {
            return connections.stream().findFirst().map(Registered::node);
        }

        void forget(String node) {
            marks.remove(node);
            connections.removeIf(one -> one.node().equals(node));
        }

        /** Returns those that are one too many. */
        List<Registered> register(String node, Presence presence, long now) {
            Map<ConnectionId, Long> known = new HashMap<>();
            long newest = 0;
            for (Registered one : connections) {
                newest = Math.max(newest, one.since());
                if (one.node().equals(node)) {
                    known.put(one.id(), one.since());
                }
            }
            connections.removeIf(one -> one.node().equals(node));
            for (LiveConnection one : presence.connections()) {
                newest = Math.max(newest, one.since());
            }
            for (LiveConnection one : presence.connections()) {
                long since = known.getOrDefault(one.id(), one.since());
                if (since == LiveConnection.UNKNOWN) {
                    newest = Math.max(newest + 1, now);
                    since = newest;
                }
                connections.add(new Registered(node, one.id(), since));
            }
            connections.sort(Comparator.comparingLong(Registered::since).thenComparing(Registered::node));
            List<Registered> surplus = connections.subList(0, Math.max(0, connections.size() - presence.limit()));
            List<Registered> replaced = List.copyOf(surplus);
            surplus.clear();
            return replaced;
        }

        void acknowledge(Progress progress) {
            told = Math.max(told, Math.min(progress.told(), dropped));
            progress.done().ifPresent(mark -> acknowledged = Math.max(acknowledged, mark.position()));
            long through = acknowledged;
            for (long mark : marks.values()) {
                through = Math.min(through, mark);
            }
            if (through >= head()) {
                messages.subList(0, (int) (through - head() + 1)).clear();
            }
        }
    }
}

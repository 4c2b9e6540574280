package io.redmessenger.domain.delivery;

import io.redmessenger.domain.message.MessageId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection's cursor along an inbox: what to send next, and what an acknowledgement means.
 *
 * <p>A view is <em>live</em> when it has offered everything it knows of; then it takes messages as they are appended.
 * When its window is full, or it sees a gap, it falls <em>behind</em>: it lets appended messages be, and reads the inbox
 * page by page once there is room. The inbox is the truth, so a view holds nothing but what is on its way. Not
 * thread-safe.
 */
public final class View {

    private final Window window = new Window();
    private @Nullable ArrayDeque<Delivery>
            onTheirWay; // made at the first message: most views of an idle server have none
    private long sequence;
    private long next; // position of the next message to offer
    private long known; // position of the newest message known to exist
    private long shownBefore; // position through which the user may have seen messages before this view began
    private long dropped; // how many messages of the inbox are known to be dropped
    private boolean reading;
    private @Nullable Mark done;
    private boolean unproved; // something was written that may not have arrived: what expires behind it proves nothing

    /**
     * Begins, or begins again after the inbox was renumbered.
     *
     * @param first the position of the first message to offer
     * @param last the position of the newest message
     * @param shownBefore the position through which the user may have seen messages
     * @param dropped how many messages the limit has pushed out of this inbox so far
     */
    public void begin(long first, long last, long shownBefore, long dropped) {
        this.next = first;
        this.known = last;
        this.shownBefore = shownBefore;
        this.dropped = dropped;
        this.reading = false;
        this.done = null;
        this.onTheirWay = null;
        this.unproved = false;
        window.reset();
    }

    /**
     * A message was appended.
     *
     * @return the offer to make now; empty when the view is behind, or has had the message
     */
    public Optional<Delivery.Offered> appended(Delivery.Queued message, long now) {
        known = Math.max(known, message.position());
        if (reading || message.position() != next || window.room() == 0) {
            return Optional.empty();
        }
        return Optional.of(offer(message, now));
    }

    /** Tells the view of messages that it has not been shown: up to {@code last}. */
    public void heardOf(long last) {
        known = Math.max(known, last);
    }

    /** Whether the inbox should be read now; then call {@link #startReading}, and {@link #read} with the page. */
    public boolean wantsPage() {
        return !reading && next <= known && window.room() > 0;
    }

    /** Returns how many messages to ask for, from {@link #next} on. */
    public int startReading() {
        reading = true;
        return window.room();
    }

    /** The reading failed; the view will want a page again. */
    public void readingFailed() {
        reading = false;
    }

    /** The position of the next message to offer. */
    public long next() {
        return next;
    }

    /** What came of a page: offers to make, messages that had expired, and how many the user has missed. */
    public record Reading(List<Delivery.Offered> offers, int expired, long missed) {}

    /** Takes a page that was read from {@link #next} on. */
    public Reading read(Page page, InboxPolicy policy, long now) {
        reading = false;
        known = Math.max(known, page.last());
        long before = next;
        List<Delivery.Offered> offers = new ArrayList<>(page.queued().size());
        int expired = 0;
        for (Delivery.Queued message : page.queued()) {
            if (message.position() < next) {
                continue;
            }
            if (policy.hasExpired(message.message(), now)) {
                skip(message);
                expired++;
            } else if (window.room() > 0) {
                offers.add(offer(message, now));
            } else {
                break;
            }
        }
        long gap = (page.queued().isEmpty()
                        ? page.last() + 1
                        : page.queued().get(0).position())
                - before;
        if (page.queued().isEmpty()) {
            next = Math.max(next, page.last() + 1);
        }
        long missed = Math.max(0, Math.min(gap, page.dropped() - dropped));
        dropped = Math.max(dropped, page.dropped());
        return new Reading(offers, expired, missed);
    }

    private Delivery.Offered offer(Delivery.Queued message, long now) {
        Delivery.Offered offered = message.offer(++sequence, message.position() <= shownBefore, now);
        onTheirWay().add(offered);
        window.offered(message.message().payload().text().length());
        next = message.position() + 1;
        return offered;
    }

    private void skip(Delivery.Queued message) {
        if (onTheirWay().isEmpty() && !unproved) {
            done = new Mark(message.position(), message.message().id());
        } else {
            onTheirWay().add(message.expire());
        }
        next = message.position() + 1;
    }

    /**
     * The connection has everything through {@code sequence}. A sequence that is not on its way changes nothing.
     *
     * @return what that acknowledged, in order
     */
    public List<Delivery.Acknowledged> acknowledge(long sequence, long now) {
        List<Delivery.Acknowledged> acknowledged = new ArrayList<>();
        ArrayDeque<Delivery> queue = onTheirWay();
        int characters = 0;
        long offeredAt = now;
        while (queue.peek() instanceof Delivery.Offered offered && offered.sequence() <= sequence) {
            queue.poll();
            offeredAt = Math.min(offeredAt, offered.offeredAt());
            characters += offered.message().payload().text().length();
            acknowledged.add(offered.acknowledge());
            done = new Mark(offered.position(), offered.message().id());
            while (queue.peek() instanceof Delivery.Expired expired) {
                queue.poll();
                done = new Mark(expired.position(), expired.message().id());
            }
        }
        if (!acknowledged.isEmpty()) {
            unproved = false; // the client has what was written before, too
            window.acknowledged(acknowledged.size(), characters, now - offeredAt);
        }
        return acknowledged;
    }

    /**
     * The network has taken everything through {@code sequence}, and nothing will ever prove that it arrived: it no longer
     * counts as on its way, and stays in the inbox.
     */
    public void written(long sequence) {
        ArrayDeque<Delivery> queue = onTheirWay();
        while (queue.peek() instanceof Delivery.Expired
                || (queue.peek() instanceof Delivery.Offered offered && offered.sequence() <= sequence)) {
            if (queue.poll() instanceof Delivery.Offered offered) {
                unproved = true;
                window.written(offered.message().payload().text().length());
            }
        }
    }

    /** The sequence that {@code id} was offered with, while it is on its way. */
    public Optional<Long> sequenceOf(MessageId id) {
        for (Delivery delivery : onTheirWay()) {
            if (delivery instanceof Delivery.Offered offered
                    && offered.message().id().equals(id)) {
                return Optional.of(offered.sequence());
            }
        }
        return Optional.empty();
    }

    /** The newest message that is done with, and everything before it: arrived or expired; empty when none is yet. */
    public Optional<Mark> done() {
        return Optional.ofNullable(done);
    }

    /** The position through which this view needs the inbox no more: all of that was offered, or is gone. */
    public long offeredThrough() {
        return next - 1;
    }

    private ArrayDeque<Delivery> onTheirWay() {
        if (onTheirWay == null) {
            onTheirWay = new ArrayDeque<>(4);
        }
        return onTheirWay;
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.adapters.redis.StreamEntryParser.Accepted;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.Recipient;
import java.util.Optional;

/** A publication that was taken from the stream, and how it fares. Belongs to one thread. */
final class StreamedPublication {

    /** How often it may fail by a defect. */
    private static final int MAX_DEFECTS = 8;

    /** How often it may fail while others do not: with the pauses, more than eight minutes. */
    private static final int MAX_TRIES = 100;

    /** How often it may be begun and never finished, as when it kills the node. */
    private static final int MAX_BEGUN = 16;

    private static final long PAUSE_MILLIS = 100;
    private static final long MAX_PAUSE_MILLIS = 5_000;
    private static final int MAX_DOUBLINGS = 10;

    private final String entry;
    private final long term;
    private final Optional<String> key;
    private Publication publication;
    private long begun;
    private boolean onItsWay;
    private long successesBefore;
    private int failures;
    private int defects;
    private int triesAmongSuccesses;

    /** @param term during which lease it was taken */
    StreamedPublication(StreamEntry entry, Accepted accepted, long term) {
        this.entry = entry.id();
        this.begun = entry.begun();
        this.term = term;
        this.key = accepted.key();
        this.publication = accepted.publication();
    }

    String entry() {
        return entry;
    }

    long term() {
        return term;
    }

    /** The backend's own name for it. */
    Optional<String> key() {
        return key;
    }

    Publication publication() {
        return publication;
    }

    Recipient to() {
        return publication.to();
    }

    int characters() {
        return publication.message().payload().text().length();
    }

    boolean hasExpired(long now) {
        Message message = publication.message();
        return message.ttl() != Message.NO_TTL && now - message.timestamp() >= message.ttl();
    }

    /** An earlier attempt may have stored it. */
    void mayBeStored() {
        publication = publication.repeated();
    }

    boolean isOnItsWay() {
        return onItsWay;
    }

    /** @param successes how many publications have been stored so far */
    void leave(long successes) {
        onItsWay = true;
        successesBefore = successes;
    }

    void comeBack() {
        onItsWay = false;
    }

    long begun() {
        return begun;
    }

    void begun(long times) {
        begun = times;
    }

    boolean killsWhoBeginsIt() {
        return begun > MAX_BEGUN;
    }

    /**
     * Notes a failure.
     *
     * @param successes how many publications have been stored so far
     * @return whether to give it up
     */
    boolean fails(ErrorCode code, long successes) {
        failures++;
        return switch (code) {
            case WRONG_KIND -> true;
            case INTERNAL -> ++defects >= MAX_DEFECTS;
            // when nothing else succeeds either it is Redis' fault, and waiting is right
            case STORE_UNAVAILABLE -> successes > successesBefore && ++triesAmongSuccesses >= MAX_TRIES;
            case STORE_REFUSED, STORE_FORBIDDEN, OVERLOADED, LEASE_OVER -> false;
        };
    }

    /** How long to wait before the next attempt. */
    long pauseMillis() {
        return Math.min(MAX_PAUSE_MILLIS, PAUSE_MILLIS << Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS));
    }
}

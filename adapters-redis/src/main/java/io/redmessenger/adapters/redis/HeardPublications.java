package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What was heard and is not stored yet, in the order of hearing. Redis does not wait for a subscriber, so everything is taken
 * in at once; when storing fails for a while, all that is not stored is tried again, in order, and nothing overtakes. Safe for
 * concurrent use.
 */
final class HeardPublications {

    private static final int MOST_ON_THEIR_WAY = 8_192;
    private static final long RETRY_MILLIS = 100;
    private static final long COST = 256;

    /** One publication; its fields are guarded by the queue. */
    private static final class Heard {
        Publication publication;

        Heard(Publication publication) {
            this.publication = publication;
        }

        long weight() {
            return COST + 2L * publication.message().payload().text().length();
        }
    }

    private final Publisher publisher;
    private final Telemetry telemetry;
    private final RateLimitedLog warnings;
    private final long mostWaiting;
    private final Queue<Heard> waiting = new ArrayDeque<>();
    private final Queue<Heard> onTheirWay = new ArrayDeque<>();
    private long weight;
    private int unanswered;
    private boolean stalled;
    private @Nullable CompletableFuture<Void> settled;

    /** @param mostWaiting the most memory for what is not stored yet, in bytes; past it the newest is lost, and counted */
    HeardPublications(Publisher publisher, Telemetry telemetry, RateLimitedLog warnings, long mostWaiting) {
        this.publisher = publisher;
        this.telemetry = telemetry;
        this.warnings = warnings;
        this.mostWaiting = mostWaiting;
    }

    /** Completes once all that was heard so far, and later, is stored or given up. To be called when hearing has ended. */
    synchronized CompletionStage<Void> settled() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        settled = done;
        completeWhenSettled();
        return done;
    }

    private void completeWhenSettled() {
        if (settled != null && waiting.isEmpty() && onTheirWay.isEmpty()) {
            settled.complete(null);
        }
    }

    synchronized void add(Publication publication) {
        Heard heard = new Heard(publication);
        if (weight + heard.weight() > mostWaiting) {
            telemetry.count(Event.PUBLICATION_LOST);
            warnings.warn("too much was published to be stored in time, the newest is lost", "memory for it is full");
            return;
        }
        telemetry.count(Event.PUBLICATION_ACCEPTED);
        weight += heard.weight();
        waiting.add(heard);
        publishWaiting();
    }

    private synchronized void publishWaiting() {
        while (!stalled && onTheirWay.size() < MOST_ON_THEIR_WAY && !waiting.isEmpty()) {
            Heard next = waiting.remove();
            onTheirWay.add(next);
            publish(next);
        }
    }

    private void publish(Heard heard) {
        unanswered++;
        publisher.publish(heard.publication).whenComplete((receipt, failure) -> answered(heard, failure));
    }

    private synchronized void answered(Heard heard, @Nullable Throwable failure) {
        unanswered--;
        if (failure != null && PortException.codeOf(failure).retryable()) {
            stalled = true;
        } else {
            if (failure != null) {
                giveUp(heard.publication, failure);
            }
            weight -= heard.weight();
            forget(heard);
            completeWhenSettled();
        }
        if (!stalled) {
            publishWaiting();
        } else if (unanswered == 0) {
            CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::tryAgain);
        }
    }

    private void forget(Heard heard) {
        Iterator<Heard> all = onTheirWay.iterator();
        while (all.hasNext()) {
            if (all.next().equals(heard)) {
                all.remove();
                return; // near the head: answers come in order
            }
        }
    }

    private void giveUp(Publication publication, Throwable failure) {
        if (PortException.codeOf(failure) == ErrorCode.WRONG_KIND) {
            telemetry.count(Event.WRONG_KIND);
            warnings.warn(
                    "a key of a channel holds something else, its publications are lost",
                    "the subscribers of " + publication.to().address() + " must be a set");
        } else {
            warnings.warn(
                    "a publication cannot be stored and is lost",
                    publication.to().address() + ": " + failure);
        }
        telemetry.count(Event.PUBLICATION_LOST);
    }

    private synchronized void tryAgain() {
        stalled = false;
        for (Heard heard : List.copyOf(onTheirWay)) {
            heard.publication = heard.publication.repeated();
            publish(heard);
        }
        publishWaiting();
    }
}

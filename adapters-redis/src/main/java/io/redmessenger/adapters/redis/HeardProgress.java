package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.Lease;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the nodes tell each other of how far the one that publishes what is heard has come. Stages fail as those of ports. */
interface HeardProgress {

    /** The name of a publication: how many were heard since that marker. The same on every node that heard the marker. */
    record Name(String marker, long number) {}

    /**
     * @param listeners how many nodes hear markers
     * @param now the time of the store, in ms
     * @param record what was recorded last
     */
    record Outlook(long listeners, long now, Optional<Recorded> record) {}

    /**
     * @param through everything up to here is stored
     * @param at when that was recorded, in ms
     */
    record Recorded(Name through, long at) {}

    /** Publishes a marker, as a node that has just begun to listen; returns how many nodes hear it. */
    CompletionStage<Long> join(String marker);

    /**
     * Records that everything up to {@code through} is stored, tells all nodes, and publishes a marker.
     *
     * @param marker empty for none: the node leaves
     * @param gapMillis the length of a gap that this node has found; 0 for none
     * @return false when the lease is over, and nothing was done
     */
    CompletionStage<Boolean> mark(Lease lease, Optional<String> marker, Name through, long gapMillis);

    /** Asks the other nodes what came before {@code marker}, the first one that this node has heard. */
    CompletionStage<Long> ask(String marker);

    /** Tells all nodes what came last before {@code marker}. */
    CompletionStage<Long> answer(String marker, Name last);

    /** Tells all nodes that the lease is free. */
    CompletionStage<Long> leave();

    CompletionStage<Outlook> look();
}

package io.redmessenger.application.port.out;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Tells an operator what is wrong with the store. Safe for concurrent use. */
public interface StoreDiagnosis {

    /** The check that finds out whether the store answers; the first of every diagnosis. */
    String CONNECTION = "redis-connection";

    /**
     * Looks at the store as it is now. It changes nothing there, and needs no more rights than the server itself: what it may
     * not read is {@linkplain Finding.State#SKIPPED skipped}.
     *
     * @return one finding for each check, that of {@link #CONNECTION} first; when the store does not answer that one says why,
     *     and the others are left out. The stage never fails, and completes within a minute, on a thread of the adapter
     */
    CompletionStage<List<Finding>> examine();
}

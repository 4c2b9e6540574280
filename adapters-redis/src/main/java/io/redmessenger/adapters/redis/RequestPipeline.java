package io.redmessenger.adapters.redis;

import java.util.List;

/** Takes what is to be asked of scripts, and asks it: in the order given as far as the same user is concerned. */
interface RequestPipeline {

    /** Takes requests, or fails them; never blocks. */
    void submit(List<? extends InboxRequest> requests);

    /** Sends nothing more; what is submitted from now on fails. */
    void stop();
}

package io.redmessenger.bootstrap.faults;

import java.util.List;

/**
 * A message that a publisher tried to publish. Its payload is its name: no two have the same.
 *
 * @param number counts up by one with each message of the publisher, whatever it goes to
 * @param recipients the users who must get it
 * @param accepted whether the way in has taken it; if not, it may or may not have been published
 * @param from when the publisher began, and {@code to} when it knew the outcome, in milliseconds of the run
 * @param mayExpire whether it had a time to live
 */
record Published(
        Way way,
        String publisher,
        String address,
        int number,
        String payload,
        List<String> recipients,
        boolean accepted,
        boolean mayExpire,
        long from,
        long to) {

    /**
     * Within what the order is promised: what one publisher published to one address; by PUBLISH, everything it published, for
     * Redis takes all channels in one order.
     */
    String sequence() {
        return way == Way.PUBLISH ? publisher : publisher + " " + address;
    }
}

package io.redmessenger.application.port.in;

import java.util.concurrent.CompletionStage;

/**
 * Accepts publications.
 *
 * <p>Safe for concurrent use. Publications that one thread hands over reach each user in that order, a large channel
 * excepted: once a channel has more members than one read of them returns (about 2,000), only the order among that
 * channel's own messages is kept.
 */
public interface Publisher {

    /**
     * Stores the message for every recipient, and shows it to those who are connected.
     *
     * @return a stage that completes once the message is stored for all; fails with
     *     {@link io.redmessenger.application.port.out.PortException}. After a retryable failure publish the
     *     {@linkplain Publication#repeated() repeated} publication: nobody then gets it twice.
     */
    CompletionStage<Receipt> publish(Publication publication);

    /**
     * What became of a publication.
     *
     * @param recipients the users it is for
     * @param attached those of them who had a live connection
     * @param rejected those of them for whom it could not be stored, because something else is under their key
     */
    record Receipt(long recipients, long attached, long rejected) {}
}

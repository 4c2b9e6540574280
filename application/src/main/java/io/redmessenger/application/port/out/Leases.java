package io.redmessenger.application.port.out;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Work that one node at a time may do: whoever holds the lease of that name. Safe for concurrent use.
 *
 * <p>A lease is held for a time and has to be renewed. The time runs at the store: a holder that counts it from
 * <em>before</em> it asked gives up no later than the store does. A holder that stood still for longer does not notice at once that
 * it is none any more; what it then does to the store must be refused by its {@linkplain Lease#token() token}.
 *
 * <p>Stages fail only with {@link PortException}: {@code STORE_UNAVAILABLE} and {@code STORE_REFUSED} are retryable, and what was
 * asked may have happened; {@code WRONG_KIND} when something else is under the name.
 */
public interface Leases {

    /**
     * Asks for a lease.
     *
     * @param name of {@code a-z} and {@code -}
     * @param time how long to hold it, 1 ms or more
     * @return the lease, with a token larger than any that was granted under this name; empty while another node holds it. A
     *     node that holds it already gets a new one, and its old one is over: it may ask again when an answer was lost.
     */
    CompletionStage<Optional<Lease>> acquire(String name, Duration time);

    /** Holds {@code lease} for {@code time} from now on; false when it is over, and nothing is changed then. */
    CompletionStage<Boolean> renew(Lease lease, Duration time);

    /** Gives {@code lease} back, so that another node need not wait for its end; false when it is over anyway. */
    CompletionStage<Boolean> release(Lease lease);
}

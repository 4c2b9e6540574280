package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signals by way of a Pub/Sub channel of each node. */
final class RedisNodeSignals implements NodeSignals, RedisWatch.Listener, RedisSubscription.Listener {

    private static final Logger log = LoggerFactory.getLogger(RedisNodeSignals.class);

    private static final Listener NOBODY = new Listener() {
        @Override
        public void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {}

        @Override
        public void replaced(UserId user, ConnectionId connection) {}

        @Override
        public void storeLost() {}

        @Override
        public void storeRestored() {}
    };

    private final Clock clock;
    private final BooleanSupplier available;
    private final RateLimitedLog warnings;
    private volatile Listener listener = NOBODY;

    RedisNodeSignals(Clock clock, BooleanSupplier available) {
        this.clock = clock;
        this.available = available;
        this.warnings = new RateLimitedLog(log, clock);
    }

    @Override
    public void listen(Listener to) {
        listener = to;
    }

    @Override
    public boolean isStoreAvailable() {
        return available.getAsBoolean();
    }

    /** Takes what was published to this node's channel. */
    @Override
    public void heard(byte[] channel, byte[] frame) {
        try {
            SignalFrame.read(frame, clock.millis(), listener);
        } catch (RuntimeException e) {
            warnings.warn("a signal of another node could not be read", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void lost() {
        listener.storeLost();
    }

    @Override
    public void restored() {
        listener.storeRestored();
    }
}

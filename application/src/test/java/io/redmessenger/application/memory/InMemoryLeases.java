package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Leases in memory. Each node gets its own by {@link Register#leasesOf}. */
public final class InMemoryLeases implements Leases {

    private final Register register;
    private final String node;
    private final StoreCalls calls = new StoreCalls();

    private InMemoryLeases(Register register, String node) {
        this.register = register;
        this.node = node;
    }

    /** Who holds what, for all nodes. */
    public static final class Register {
        private final Clock clock;
        private final Map<String, Held> held = new HashMap<>();
        private long tokens;

        public Register(Clock clock) {
            this.clock = clock;
        }

        public InMemoryLeases leasesOf(String node) {
            return new InMemoryLeases(this, node);
        }

        private synchronized Optional<Lease> acquire(String name, String node, Duration time) {
            Held current = held.get(name);
            if (current != null
                    && !current.isOver(clock.millis())
                    && !current.lease.holder().equals(node)) {
                return Optional.empty();
            }
            Lease lease = new Lease(name, node, ++tokens);
            held.put(name, new Held(lease, clock.millis() + time.toMillis()));
            return Optional.of(lease);
        }

        private synchronized boolean renew(Lease lease, Duration time) {
            if (!isHeld(lease)) {
                return false;
            }
            held.put(lease.name(), new Held(lease, clock.millis() + time.toMillis()));
            return true;
        }

        private synchronized boolean release(Lease lease) {
            return isHeld(lease) && held.remove(lease.name()) != null;
        }

        public synchronized boolean isHeld(Lease lease) {
            Held current = held.get(lease.name());
            return current != null && current.lease.equals(lease) && !current.isOver(clock.millis());
        }
    }

    private record Held(Lease lease, long until) {
        boolean isOver(long now) {
            return now >= until;
        }
    }

    /** Makes calls fail or wait. */
    public StoreCalls calls() {
        return calls;
    }

    @Override
    public CompletionStage<Optional<Lease>> acquire(String name, Duration time) {
        return calls.call(() -> register.acquire(name, node, time));
    }

    @Override
    public CompletionStage<Boolean> renew(Lease lease, Duration time) {
        return calls.call(() -> register.renew(lease, time));
    }

    @Override
    public CompletionStage<Boolean> release(Lease lease) {
        return calls.call(() -> register.release(lease));
    }
}

package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What all {@link Leases} do. */
public interface LeasesContract {

    String WORK = "work";
    Duration LONG = Duration.ofMinutes(5);

    /** The leases as this node asks for them. */
    Leases leases();

    /** The leases as another node asks for them. */
    Leases leasesOfAnotherNode();

    /** Lets the time of the lease of that name pass. */
    void letExpire(String name);

    @Test
    default void acquireShouldGrantToOneNodeOnly() {
        Optional<Lease> mine = Await.value(leases().acquire(WORK, LONG));
        assertThat(mine).isPresent();
        assertThat(mine.get().name()).isEqualTo(WORK);
        assertThat(Await.value(leasesOfAnotherNode().acquire(WORK, LONG))).isEmpty();
        Optional<Lease> other = Await.value(leasesOfAnotherNode().acquire("other-work", LONG));
        assertThat(other).isPresent();
        assertThat(other.get().holder()).isNotEqualTo(mine.get().holder());
    }

    @Test
    default void acquireShouldGrantToOneOfManyThatAskAtOnce() {
        List<CompletionStage<Optional<Lease>>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(leases().acquire(WORK, LONG));
            asked.add(leasesOfAnotherNode().acquire(WORK, LONG));
        }
        List<Lease> granted =
                asked.stream().flatMap(stage -> Await.value(stage).stream()).toList();
        assertThat(granted).isNotEmpty();
        assertThat(granted.stream().map(Lease::holder).distinct()).hasSize(1);
        assertThat(granted.stream().map(Lease::token).distinct()).hasSize(granted.size());
    }

    @Test
    default void acquireShouldGrantANewLeaseToTheHolderAndEndItsOldOne() {
        Lease old = held(leases());
        Lease current = held(leases());
        assertThat(current.token()).isGreaterThan(old.token());
        assertThat(Await.value(leases().renew(old, LONG))).isFalse();
        assertThat(Await.value(leases().release(old))).isFalse();
        assertThat(Await.value(leases().renew(current, LONG))).isTrue();
    }

    @Test
    default void acquireShouldGrantToAnotherNodeOnceTheTimeIsOver() {
        Lease old = held(leases());
        letExpire(WORK);
        Lease current = held(leasesOfAnotherNode());
        assertThat(current.token()).isGreaterThan(old.token());
        assertThat(current.holder()).isNotEqualTo(old.holder());
        assertThat(Await.value(leases().acquire(WORK, LONG))).isEmpty();
    }

    @Test
    default void renewShouldProlongWhatIsHeld() {
        Lease lease = held(leases());
        assertThat(Await.value(leases().renew(lease, LONG))).isTrue();
        letExpire(WORK);
        assertThat(Await.value(leases().renew(lease, LONG))).isFalse();
        assertThat(Await.value(leasesOfAnotherNode().acquire(WORK, LONG))).isPresent();
    }

    @Test
    default void renewAndReleaseShouldLeaveTheLeaseOfAnotherNodeAlone() {
        Lease old = held(leases());
        letExpire(WORK);
        Lease current = held(leasesOfAnotherNode());
        assertThat(Await.value(leases().renew(old, LONG))).isFalse();
        assertThat(Await.value(leases().release(old))).isFalse();
        assertThat(Await.value(leasesOfAnotherNode().renew(current, LONG))).isTrue();
    }

    @Test
    default void releaseShouldLetAnotherNodeHaveItAtOnce() {
        Lease old = held(leases());
        assertThat(Await.value(leases().release(old))).isTrue();
        assertThat(Await.value(leases().release(old))).isFalse();
        assertThat(held(leasesOfAnotherNode()).token()).isGreaterThan(old.token());
    }

    private static Lease held(Leases leases) {
        Optional<Lease> lease = Await.value(leases.acquire(WORK, LONG));
        assertThat(lease).isPresent();
        return Objects.requireNonNull(lease.orElse(null));
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.InMemoryLeases;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {

    private static final Duration TIME = Duration.ofSeconds(5);

    private final MutableClock clock = new MutableClock();
    private final InMemoryLeases.Register register = new InMemoryLeases.Register(clock);
    private final InMemoryLeases here = register.leasesOf("here");
    private final InMemoryLeases there = register.leasesOf("there");
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private volatile boolean wanted = true;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final LeaseKeeper keeper = new LeaseKeeper(
            here,
            "work",
            TIME,
            thread,
            new LeaseKeeper.Listener() {
                @Override
                public void gained(Lease lease) {
                    told.add("gained " + lease.token());
                }

                @Override
                public void lost() {
                    told.add("lost");
                }
            },
            () -> wanted,
            () -> TimeUnit.MILLISECONDS.toNanos(clock.millis()));

    @AfterEach
    void stop() {
        thread.shutdownNow();
    }

    /** Lets the keeper look, and waits until it has dealt with the answer. */
    private void tick() {
        onThread(keeper::tick);
        onThread(() -> {});
    }

    private void onThread(Runnable task) {
        Await.value(CompletableFuture.runAsync(task, thread));
    }

    private Optional<Lease> held() {
        return Await.value(CompletableFuture.supplyAsync(keeper::held, thread));
    }

    @Test
    void keeperShouldTakeALeaseThatIsFreeAndRenewIt() {
        tick();
        assertThat(told).containsExactly("gained 1");
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofSeconds(4));
            tick();
            assertThat(held()).isPresent();
        }
        assertThat(told).containsExactly("gained 1");
        assertThat(Await.value(there.acquire("work", TIME))).isEmpty();
    }

    @Test
    void keeperShouldWaitForALeaseThatAnotherHolds() {
        Await.value(there.acquire("work", TIME));
        tick();
        assertThat(told).isEmpty();
        assertThat(held()).isEmpty();
        clock.advance(TIME);
        tick();
        assertThat(told).containsExactly("gained 2");
    }

    @Test
    void keeperShouldNotBelieveInALeaseLongerThanTheStoreDoes() {
        tick();
        here.calls().failWith(ErrorCode.STORE_UNAVAILABLE);
        clock.advance(Duration.ofSeconds(4));
        tick();
        assertThat(held()).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(held()).isEmpty();
        tick();
        assertThat(told).containsExactly("gained 1", "lost");
        here.calls().succeed();
        tick();
        assertThat(told).containsExactly("gained 1", "lost", "gained 2");
    }

    @Test
    void keeperShouldCountTheTimeFromBeforeItAsked() {
        here.calls().holdBack();
        tick();
        clock.advance(TIME);
        here.calls().release();
        onThread(() -> {});
        assertThat(held()).isEmpty();
    }

    @Test
    void keeperShouldNoticeThatAnotherHasIt() {
        tick();
        clock.advance(TIME);
        Await.value(there.acquire("work", TIME));
        tick();
        assertThat(told).containsExactly("gained 1", "lost");
        assertThat(held()).isEmpty();
    }

    @Test
    void noticeLossShouldConcernTheLeaseOfTodayOnly() {
        tick();
        Lease lease = held().orElseThrow();
        onThread(() -> keeper.noticeLoss(new Lease("work", "here", 0)));
        assertThat(held()).isPresent();
        onThread(() -> keeper.noticeLoss(lease));
        assertThat(held()).isEmpty();
        assertThat(told).containsExactly("gained 1", "lost");
    }

    @Test
    void releaseShouldLetAnotherHaveItAndAskNoMore() {
        tick();
        Await.value(CompletableFuture.supplyAsync(keeper::release, thread).thenCompose(done -> done));
        assertThat(held()).isEmpty();
        tick();
        assertThat(told).containsExactly("gained 1");
        assertThat(Await.value(there.acquire("work", TIME))).isPresent();
    }

    @Test
    void releaseShouldGiveBackWhatIsGrantedAfterwards() {
        here.calls().holdBack();
        tick();
        onThread(keeper::release);
        here.calls().release();
        onThread(() -> {});
        assertThat(told).isEmpty();
        assertThat(Await.value(there.acquire("work", TIME))).isPresent();
    }
}

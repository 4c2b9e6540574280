package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.socketio.Deadlines.Kind;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** On a real I/O thread, whose clock cannot be another: what is tested is order, and that nothing comes early. */
class DeadlinesTest {

    private final List<Kind> fired = new CopyOnWriteArrayList<>();
    private final XnioWorker worker = worker();
    private final Deadlines deadlines = new Deadlines(worker.getIoThread(), this::alarm);

    private static XnioWorker worker() {
        try {
            return Xnio.getInstance()
                    .createWorker(OptionMap.builder()
                            .set(Options.WORKER_IO_THREADS, 1)
                            .set(Options.THREAD_DAEMON, true)
                            .getMap());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private synchronized void alarm() {
        deadlines.fire(fired::add);
    }

    private synchronized void set(Kind kind, long millis) {
        deadlines.set(kind, Duration.ofMillis(millis));
    }

    private synchronized void clear(Kind kind) {
        deadlines.clear(kind);
    }

    @AfterEach
    void stop() throws InterruptedException {
        worker.shutdownNow();
        assertThat(worker.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatIsDueFirstShouldComeFirstAndNothingEarly() {
        long start = System.nanoTime();
        set(Kind.CLOSE, 120);
        set(Kind.HEARTBEAT, 40);
        set(Kind.IDENTIFY, 80);
        Await.until("one", () -> !fired.isEmpty());
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(40_000_000);
        Await.until("all", () -> fired.size() == 3);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(120_000_000);
        assertThat(fired).containsExactly(Kind.HEARTBEAT, Kind.IDENTIFY, Kind.CLOSE);
    }

    @Test
    void whatIsMovedAwayShouldComeThenAndOnce() {
        long start = System.nanoTime();
        set(Kind.HEARTBEAT, 20);
        set(Kind.HEARTBEAT, 100);
        set(Kind.CLOSE, 150);
        Await.until("both", () -> fired.size() == 2);
        assertThat(fired).containsExactly(Kind.HEARTBEAT, Kind.CLOSE);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(150_000_000);
    }

    @Test
    void whatIsMovedNearerShouldComeThen() {
        set(Kind.HEARTBEAT, 3_600_000);
        set(Kind.HEARTBEAT, 10);
        Await.until("it", () -> fired.equals(List.of(Kind.HEARTBEAT)));
    }

    @Test
    void whatIsClearedShouldNotCome() {
        set(Kind.UPGRADE, 20);
        set(Kind.CLOSE, 60);
        clear(Kind.UPGRADE);
        Await.until("the other", () -> !fired.isEmpty());
        assertThat(fired).containsExactly(Kind.CLOSE);
    }

    @Test
    void nothingShouldComeAfterAllIsCleared() {
        synchronized (this) {
            set(Kind.HEARTBEAT, 5);
            set(Kind.CLOSE, 5);
            deadlines.clearAll();
        }
        set(Kind.FLUSH_POLL, 30);
        Await.until("the later one", () -> !fired.isEmpty());
        assertThat(fired).containsExactly(Kind.FLUSH_POLL);
    }
}

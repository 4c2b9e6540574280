package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xnio.XnioExecutor;

class ClosingIT {
    @Test
    void closeShouldGoBehindWhatWasSentAndAwaitTheAnswer() throws Exception {
        Recorder recorder = new Recorder();
        try (WebSocketServer server = WebSocketServer.start(() -> recorder);
                RawClient client = RawClient.open(server)) {
            WebSocketConnection connection = recorder.await();
            connection.send(Frame.text("a"));
            connection.send(List.of(Frame.text("b"), Frame.text("c")));
            connection.ping(7);
            connection.close(1001, "retry-after=3");

            assertThat(connection.isOpen()).isFalse();
            assertThat(connection.send(Frame.text("late"))).isFalse();
            assertThat(List.of(client.read(), client.read(), client.read(), client.read(), client.read()))
                    .containsExactly("text:a", "text:b", "text:c", "ping:0000000000000007", "close:1001");
            // a pong still counts, a message does not
            client.send(ClientFrames.join(
                    ClientFrames.frame(0x8a, new byte[] {0, 0, 0, 0, 0, 0, 0, 7}),
                    ClientFrames.text("ignored"),
                    ClientFrames.close(1001, "")));
            assertThat(client.readAll()).isEmpty();
            assertThat(List.of(recorder.next(), recorder.next(), recorder.next()))
                    .containsExactly("opened", "pong:7", "closed:1001:retry-after=3");
        }
    }

    @Test
    void closeShouldDropTheConnectionWhenNobodyAnswers() throws Exception {
        Recorder recorder = new Recorder();
        WebSocketSettings settings = WebSocketSettings.defaults().withCloseTimeout(Duration.ofMillis(100));
        try (WebSocketServer server = WebSocketServer.start(settings, () -> recorder);
                RawClient client = RawClient.open(server)) {
            recorder.await().close(4440, "disconnected");

            assertThat(client.read()).isEqualTo("close:4440");
            assertThat(client.isEnded()).isTrue();
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("closed:1006:no answer to the close frame");
        }
    }

    @Test
    void closedShouldTellWhatTheClientSaid() throws Exception {
        Recorder recorder = new Recorder();
        try (WebSocketServer server = WebSocketServer.start(() -> recorder);
                RawClient client = RawClient.open(server)) {
            client.send(ClientFrames.close(4321, "enough"));

            assertThat(client.readAll()).containsExactly("close:4321");
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("closed:4321:enough");
        }
    }

    @Test
    void closedShouldBeAbnormalWhenTheClientVanishes() throws Exception {
        for (boolean reset : new boolean[] {true, false}) {
            Recorder recorder = new Recorder();
            try (WebSocketServer server = WebSocketServer.start(() -> recorder);
                    RawClient client = RawClient.open(server)) {
                recorder.await();
                client.send(new byte[] {(byte) 0x81});
                if (reset) {
                    client.reset();
                } else {
                    client.shutdownOutput();
                }

                assertThat(recorder.next()).isEqualTo("opened");
                assertThat(recorder.next()).isEqualTo("closed:1006:connection lost");
                assertThat(recorder.await().send(Frame.text("late"))).isFalse();
            }
        }
    }

    @Test
    void closedShouldBeToldWhenTheServerStops() throws Exception {
        Recorder recorder = new Recorder();
        WebSocketServer server = WebSocketServer.start(() -> recorder);
        try (RawClient client = RawClient.open(server)) {
            recorder.await();
            server.close();

            assertThat(client.isEnded()).isTrue();
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("closed:1006:connection lost");
            assertThat(recorder.await().send(Frame.text("late"))).isFalse();
        }
    }

    @Test
    void abortShouldDropAtOnce() throws Exception {
        Recorder recorder = new Recorder();
        try (WebSocketServer server = WebSocketServer.start(() -> recorder);
                RawClient client = RawClient.open(server)) {
            recorder.await().abort();
            recorder.await().abort();

            assertThat(client.isEnded()).isTrue();
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("closed:1006:aborted by the server");
        }
    }

    @Test
    void binaryShouldBeRefusedByDefault() throws Exception {
        try (WebSocketServer server = WebSocketServer.start(Recorder::new);
                RawClient client = RawClient.open(server)) {
            client.send(ClientFrames.frame(0x82, new byte[] {1}));
            assertThat(client.read()).isEqualTo("close:1003");
        }
    }

    @Test
    void exceptionOfAListenerShouldEndOnlyItsConnection() throws Exception {
        Recorder recorder = new Recorder() {
            @Override
            public void text(WebSocketConnection on, String message) {
                if (message.equals("deep")) {
                    throw new StackOverflowError("thrown on purpose by a test");
                }
                if (message.equals("timer")) {
                    on.schedule(Duration.ofMillis(1), () -> {
                        throw new IllegalStateException("thrown on purpose by a test");
                    });
                    return;
                }
                throw new IllegalStateException("thrown on purpose by a test");
            }
        };
        Recorders recorders = new Recorders(new ArrayDeque<>(List.of(new Recorder.Echo(), recorder))::remove);
        try (WebSocketServer server = WebSocketServer.start(recorders);
                RawClient other = RawClient.open(server)) {
            recorders.next().await();
            try (RawClient client = RawClient.open(server)) {
                client.send(ClientFrames.join(ClientFrames.text("x"), ClientFrames.text("y")));

                assertThat(client.readAll()).containsExactly("close:1011");
                assertThat(recorder.next()).isEqualTo("opened");
                assertThat(recorder.next()).isEqualTo("closed:1011:internal error");
            }
            other.send(ClientFrames.text("still here"));
            assertThat(other.read()).isEqualTo("text:still here");
        }
        for (String message : List.of("deep", "timer")) {
            try (WebSocketServer server = WebSocketServer.start(() -> recorder);
                    RawClient client = RawClient.open(server)) {
                client.send(ClientFrames.text(message));
                assertThat(client.readAll()).as(message).containsExactly("close:1011");
            }
        }
    }

    @Test
    void exceptionWhenOpenedOrClosedShouldNotLeaveTheConnectionOpen() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        WebSocketListener failing = new WebSocketListener() {
            @Override
            public void opened(WebSocketConnection connection) {
                throw new IllegalStateException("thrown on purpose by a test");
            }

            @Override
            public void text(WebSocketConnection connection, String message) {}

            @Override
            public void closed(WebSocketConnection connection, int code, String reason) {
                closed.countDown();
                throw new IllegalStateException("thrown on purpose by a test");
            }
        };
        try (WebSocketServer server = WebSocketServer.start(() -> failing);
                RawClient client = RawClient.open(server)) {
            assertThat(client.readAll()).containsExactly("close:1011");
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void closedShouldComeOnceWhoeverIsFirst() throws Exception {
        Random random = new Random(5);
        Recorders recorders = new Recorders(Recorder::new);
        try (WebSocketServer server = WebSocketServer.start(recorders)) {
            for (int round = 0; round < 300; round++) {
                RawClient client = RawClient.open(server);
                Recorder recorder = recorders.next();
                WebSocketConnection connection = recorder.await();
                CountDownLatch go = new CountDownLatch(1);
                List<Runnable> racers = List.of(
                        () -> connection.close(1001, "server"),
                        connection::abort,
                        () -> connection.send(Frame.text("x".repeat(random.nextInt(10_000)))),
                        () -> connection.close(4400, "other"));
                List<Thread> threads = new ArrayList<>();
                for (Runnable racer : racers.subList(random.nextInt(3), 4)) {
                    Thread thread = new Thread(() -> {
                        awaitQuietly(go);
                        racer.run();
                    });
                    thread.start();
                    threads.add(thread);
                }
                go.countDown();
                if (random.nextBoolean()) {
                    client.send(ClientFrames.close(1000, "client"));
                }
                for (Thread thread : threads) {
                    thread.join(10_000);
                }
                client.reset();
                assertThat(recorder.next()).isEqualTo("opened");
                assertThat(recorder.next()).startsWith("closed:");
                CountDownLatch behind = new CountDownLatch(1);
                connection.execute(behind::countDown);
                assertThat(behind.await(10, TimeUnit.SECONDS)).isTrue();
                assertThat(recorder.events).isEmpty();
                assertThat(connection.unsentBytes()).isZero();
            }
        }
    }

    @Test
    void timersShouldRunOnTimeAndNotAfterTheEnd() throws Exception {
        List<String> fired = new CopyOnWriteArrayList<>();
        CountDownLatch hundred = new CountDownLatch(100);
        List<Long> lateness = new CopyOnWriteArrayList<>();
        Recorder recorder = new Recorder() {
            @Override
            public void opened(WebSocketConnection on) {
                super.opened(on);
                for (int i = 1; i <= 100; i++) {
                    long due = System.nanoTime() + i * 10_000_000L;
                    Timer timer = on.schedule(Duration.ofMillis(10L * i), () -> {
                        lateness.add(System.nanoTime() - due);
                        hundred.countDown();
                    });
                    assertThat(timer.isArmed()).isTrue();
                }
                on.schedule(Duration.ofMillis(1200), () -> fired.add("after the end"));
            }
        };
        try (WebSocketServer server = WebSocketServer.start(() -> recorder);
                RawClient client = RawClient.open(server)) {
            WebSocketConnection connection = recorder.await();
            assertThatThrownBy(() -> connection.schedule(Duration.ZERO, () -> {}))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(hundred.await(10, TimeUnit.SECONDS)).isTrue();
            // never early; and late, on a machine that is busy with other things, in less than half of the cases
            List<Long> sorted = lateness.stream().sorted().toList();
            assertThat(sorted.get(0)).isNotNegative();
            assertThat(Duration.ofNanos(sorted.get(50))).isLessThan(Duration.ofMillis(50));
            client.reset();
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).startsWith("closed:1006");
            CountDownLatch tried = new CountDownLatch(1);
            connection.execute(() -> {
                Timer dead = connection.schedule(Duration.ZERO, () -> fired.add("after the end"));
                fired.addAll(dead.isArmed() ? List.of("armed") : List.of());
                tried.countDown();
            });
            assertThat(tried.await(10, TimeUnit.SECONDS)).isTrue();
            // the same thread's clock, until well after the timer of the ended connection was due
            CountDownLatch later = new CountDownLatch(1);
            XnioExecutor.Key unused = connection.ioThread().executeAfter(later::countDown, 600, TimeUnit.MILLISECONDS);
            assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(fired).isEmpty();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody gave the signal");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlowIT {
    private final Recorders recorders = new Recorders(Recorder::new);

    private WebSocketServer server(WebSocketSettings settings) {
        return WebSocketServer.start(settings, recorders);
    }

    @Test
    void broadcastShouldReachAThousandConnectionsInOrder() throws Exception {
        int messages = 60;
        List<RawClient> clients = new ArrayList<>();
        try (WebSocketServer server = server(WebSocketSettings.defaults())) {
            for (int i = 0; i < 1000; i++) {
                clients.add(RawClient.open(server));
            }
            List<WebSocketConnection> connections = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                connections.add(recorders.next().await());
            }
            SendBatch batch = new SendBatch();
            for (int m = 0; m < messages; ) {
                // each of the ways to send, in turns
                Frame one = Frame.text("m" + m++);
                connections.forEach(
                        connection -> assertThat(connection.send(one)).isTrue());
                List<Frame> two = List.of(Frame.text("m" + m++), Frame.text("m" + m++));
                connections.forEach(
                        connection -> assertThat(connection.send(two)).isTrue());
                for (int i = 0; i < 3; i++) {
                    Frame next = Frame.text("m" + m++);
                    connections.forEach(connection ->
                            assertThat(batch.add(connection, next)).isTrue());
                }
                batch.publish();
            }
            for (RawClient client : clients) {
                for (int m = 0; m < messages; m++) {
                    assertThat(client.read()).isEqualTo("text:m" + m);
                }
            }
            for (WebSocketConnection connection : connections) {
                assertThat(settledUnsentBytes(connection)).isZero();
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void framesOfSeveralThreadsShouldEachKeepTheirOrder() throws Exception {
        int perThread = 5_000;
        try (WebSocketServer server = server(WebSocketSettings.defaults());
                RawClient client = RawClient.open(server)) {
            WebSocketConnection connection = recorders.next().await();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                new Thread(() -> {
                            for (int i = 0; i < perThread; i++) {
                                connection.send(Frame.text(thread + ":" + i));
                            }
                        })
                        .start();
            }
            int[] next = new int[4];
            for (int i = 0; i < 4 * perThread; i++) {
                String[] parts = client.read().split(":", -1);
                int thread = Integer.parseInt(parts[1]);
                assertThat(Integer.parseInt(parts[2])).isEqualTo(next[thread]++);
            }
            assertThat(next).containsOnly(perThread);
        }
    }

    @Test
    void slowReaderShouldNotDelayOthersAndGetEverythingInTheEnd() throws Exception {
        Frame big = Frame.text("s".repeat(1000));
        int frames = 12_000;
        try (WebSocketServer server = server(WebSocketSettings.defaults());
                RawClient slow = new RawClient(server.port(), 4096)) {
            slow.handshake();
            WebSocketConnection toSlow = recorders.next().await();
            for (int i = 0; i < frames; i++) {
                assertThat(toSlow.send(big)).isTrue();
            }
            // its socket is full: the rest stays here, and is counted
            try (RawClient first = RawClient.open(server);
                    RawClient second = RawClient.open(server)) {
                List<WebSocketConnection> others =
                        List.of(recorders.next().await(), recorders.next().await());
                List<Long> delays = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    long start = System.nanoTime();
                    toSlow.send(big);
                    Frame small = Frame.text("quick" + i);
                    others.forEach(other -> other.send(small));
                    assertThat(first.read()).isEqualTo("text:quick" + i);
                    assertThat(second.read()).isEqualTo("text:quick" + i);
                    delays.add(System.nanoTime() - start);
                }
                // all but those for which the machine was busy with other things
                delays.sort(null);
                assertThat(delays.get(180)).isLessThan(TimeUnit.MILLISECONDS.toNanos(250));
            }
            assertThat(toSlow.unsentBytes()).isBetween(1_000_000, (frames + 200) * big.length());
            String expected = "text:" + "s".repeat(1000);
            for (int i = 0; i < frames + 200; i++) {
                assertThat(slow.read()).isEqualTo(expected);
            }
            assertThat(settledUnsentBytes(toSlow)).isZero();
        }
    }

    @Test
    void connectionShouldBeAbortedWhenTooMuchIsUnsent() throws Exception {
        int bound = 1_000_000;
        Frame frame = Frame.text("s".repeat(10_000));
        try (WebSocketServer server = server(WebSocketSettings.defaults().withMaxUnsentBytes(bound));
                RawClient slow = new RawClient(server.port(), 4096)) {
            slow.handshake();
            Recorder recorder = recorders.next();
            WebSocketConnection connection = recorder.await();
            int most = 0;
            int accepted = 0;
            while (connection.send(frame)) {
                most = Math.max(most, connection.unsentBytes());
                accepted++;
            }

            assertThat(accepted).isBetween(99, 10_000);
            assertThat(most).isBetween(500_000, bound);
            assertThat(connection.isOpen()).isFalse();
            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("closed:1006:more than 1000000 bytes unsent");
            assertThat(settledUnsentBytes(connection)).isZero();
        }
    }

    @Test
    void framesThatWereTakenTogetherShouldBeRefusedTogether() throws Exception {
        try (WebSocketServer server = server(WebSocketSettings.defaults().withMaxUnsentBytes(1024));
                RawClient client = RawClient.open(server)) {
            WebSocketConnection connection = recorders.next().await();

            assertThat(connection.send(List.of(Frame.text("x".repeat(600)), Frame.text("y".repeat(600)))))
                    .isFalse();

            assertThat(client.isEnded()).isTrue();
            assertThat(settledUnsentBytes(connection)).isZero();
        }
    }

    @Test
    void floodOfPingsShouldNotGrowTheQueueOfAClientThatDoesNotRead() throws Exception {
        byte[] ping = ClientFrames.ping("p".repeat(125));
        byte[] many = new byte[ping.length * 500];
        for (int i = 0; i < many.length; i += ping.length) {
            System.arraycopy(ping, 0, many, i, ping.length);
        }
        try (WebSocketServer server = server(WebSocketSettings.defaults());
                RawClient client = new RawClient(server.port(), 4096)) {
            client.handshake();
            WebSocketConnection connection = recorders.next().await();
            // more than any socket buffer takes
            for (int i = 0; i < 10_000; i++) {
                connection.send(Frame.text("s".repeat(1000)));
            }
            int before = settledUnsentBytes(connection); // all are queued, so that every pong is behind them
            for (int i = 0; i < 40; i++) {
                client.send(many);
            }
            client.send(ClientFrames.ping("last"));

            String frame = client.read();
            while (!frame.startsWith("pong")) {
                frame = client.read();
            }
            int pongs = 1;
            while (!frame.equals("pong:6c617374")) {
                frame = client.read();
                pongs++;
            }
            assertThat(before).isPositive();
            assertThat(pongs).isBetween(1, 20_000);
            assertThat(settledUnsentBytes(connection)).isBetween(0, 130 * 127);
        }
    }

    @Test
    void largeFramesShouldArriveWhole() throws Exception {
        try (WebSocketServer server = server(WebSocketSettings.defaults());
                RawClient client = RawClient.open(server)) {
            WebSocketConnection connection = recorders.next().await();
            String large = "0123456789".repeat(300_000);
            connection.send(Frame.text("before"));
            connection.send(Frame.text(large));
            connection.send(Frame.text("after"));

            assertThat(client.read()).isEqualTo("text:before");
            assertThat(client.read()).isEqualTo("text:" + large);
            assertThat(client.read()).isEqualTo("text:after");
        }
    }

    @Test
    void lastReceivedShouldMoveWithWhateverArrives() throws Exception {
        try (WebSocketServer server = server(WebSocketSettings.defaults());
                RawClient client = RawClient.open(server)) {
            Recorder recorder = recorders.next();
            long before = recorder.await().lastReceivedNanos();
            recorder.await().ping(42);
            assertThat(client.read()).isEqualTo("ping:000000000000002a");
            client.send(ClientFrames.frame(0x8a, new byte[] {0, 0, 0, 0, 0, 0, 0, 42}));

            assertThat(recorder.next()).isEqualTo("opened");
            assertThat(recorder.next()).isEqualTo("pong:42");
            assertThat(recorder.await().lastReceivedNanos() - before).isPositive();
        }
    }

    /** After the turn of the I/O thread in which the client may have received something already. */
    private static int settledUnsentBytes(WebSocketConnection connection) throws InterruptedException {
        CountDownLatch behind = new CountDownLatch(1);
        connection.execute(behind::countDown);
        assertThat(behind.await(10, TimeUnit.SECONDS)).isTrue();
        return connection.unsentBytes();
    }
}

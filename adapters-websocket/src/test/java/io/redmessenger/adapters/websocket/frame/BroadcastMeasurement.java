package io.redmessenger.adapters.websocket.frame;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what a delivery costs the server, and what an idle connection holds. A program, not a test: {@code
 * BroadcastMeasurement [connections]}. The clients are a process of their own; the processor time counted is that of all threads
 * of the server's process.
 */
final class BroadcastMeasurement {
    private static final int SECONDS = 4;

    private BroadcastMeasurement() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 2) {
            receive(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
            return;
        }
        int count = args.length == 0 ? 1000 : Integer.parseInt(args[0]);
        Recorders recorders = new Recorders(Recorder::new);
        try (WebSocketServer server = WebSocketServer.start(recorders)) {
            try (RawClient warm = RawClient.open(server)) {
                recorders.next().await().close(1000, "");
                warm.read();
            }
            long before = liveHeap();
            Process clients = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            BroadcastMeasurement.class.getName(),
                            String.valueOf(server.port()),
                            String.valueOf(count))
                    .inheritIO()
                    .start();
            List<WebSocketConnection> connections = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                connections.add(recorders.next().await());
            }
            print("idle heap per connection, test listener included: %d bytes%n", (liveHeap() - before) / count);
            for (int round = 0; round < 2; round++) {
                for (int burst : new int[] {1, 10, 50}) {
                    broadcast(connections, burst, round > 0);
                }
            }
            clients.destroy();
        }
    }

    private static void broadcast(List<WebSocketConnection> connections, int burst, boolean report) {
        Frame frame = Frame.text("x".repeat(128));
        SendBatch batch = new SendBatch();
        long sent = 0;
        long cpu = cpuNanos();
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)) {
            for (int i = 0; i < burst; i++) {
                for (WebSocketConnection connection : connections) {
                    batch.add(connection, frame);
                }
            }
            batch.publish();
            sent += (long) burst * connections.size();
            // as a flow control above would: the next burst when this one has gone
            while (!allSent(connections)) {
                LockSupport.parkNanos(50_000);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (report) {
            print(
                    "bursts of %d: %,.0f deliveries/s, %.2f us of processor time each%n",
                    burst, sent / seconds, (cpuNanos() - cpu) / 1e3 / sent);
        }
    }

    private static boolean allSent(List<WebSocketConnection> connections) {
        for (WebSocketConnection connection : connections) {
            if (connection.unsentBytes() > 0) {
                return false;
            }
        }
        return true;
    }

    private static void print(String format, Object... args) {
        System.out.printf(Locale.ROOT, format, args);
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    private static long liveHeap() {
        for (int i = 0; i < 3; i++) {
            ManagementFactory.getMemoryMXBean().gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** The clients: connect, and read whatever comes. */
    private static void receive(int port, int count) throws IOException {
        try (Selector selector = Selector.open()) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
            for (int i = 0; i < count; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.write(ByteBuffer.wrap(RawClient.handshakeRequest()));
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ);
            }
            boolean open = true;
            while (open) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    open &= ((SocketChannel) key.channel()).read(buffer.clear()) >= 0;
                }
                selector.selectedKeys().clear();
            }
        }
    }
}

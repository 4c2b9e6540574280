package io.redmessenger.adapters.websocket.frame;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.conduits.EmptyStreamSourceConduit;
import org.xnio.conduits.NullStreamSinkConduit;

/** Frames on their way to connections whose network takes everything, and frames of clients taken apart. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark implements AutoCloseable {

    static final int CONNECTIONS = 1_000;

    private static final int MASK = 0x12345678;

    private final Frame frame = Frame.text("x".repeat(256));
    private final SendBatch batch = new SendBatch();
    private final XnioWorker worker;
    private final List<WebSocketConnection> connections;

    private final Counting decoder = new Counting();
    private final byte[] pong =
            masked(0xa, ByteBuffer.allocate(Long.BYTES).putLong(42).array());
    private final byte[] acknowledgement =
            masked(0x1, "{\"type\":\"ack\",\"id\":\"01J8Z3K4M5N6P7Q8R9S0T1V2W3\"}".getBytes(UTF_8));
    private final byte[] received = new byte[256];

    public FrameBenchmark() {
        try {
            worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        XnioIoThread thread = worker.getIoThread();
        IoLoop loop = CompletableFuture.supplyAsync(IoLoop::current, thread).join();
        WebSocketSettings settings = WebSocketSettings.defaults();
        connections = IntStream.range(0, CONNECTIONS)
                .mapToObj(i -> new WebSocketConnection(new Bottomless(thread), loop, new Silent(), settings))
                .toList();
    }

    @Override
    @TearDown
    public void close() {
        worker.shutdownNow();
    }

    /** A frame for each of a thousand connections, up to the write of each by the I/O thread. */
    @Benchmark
    public int sendToAThousand() {
        for (WebSocketConnection connection : connections) {
            if (!batch.add(connection, frame)) {
                throw new IllegalStateException("the connection has ended");
            }
        }
        batch.publish();
        for (WebSocketConnection connection : connections) {
            while (connection.unsentBytes() > 0) {
                Thread.onSpinWait();
            }
        }
        return connections.size();
    }

    /** The answer to a ping, by which most clients acknowledge. */
    @Benchmark
    public long pong() {
        return decode(pong);
    }

    /** An explicit acknowledgement. */
    @Benchmark
    public long text() {
        return decode(acknowledgement);
    }

    // payload is unmasked in place, so each time it has to come anew
    private long decode(byte[] bytes) {
        System.arraycopy(bytes, 0, received, 0, bytes.length);
        decoder.decode(received, 0, bytes.length);
        return decoder.count;
    }

    private static byte[] masked(int opcode, byte[] payload) {
        ByteBuffer mask = ByteBuffer.allocate(Integer.BYTES).putInt(MASK);
        ByteBuffer bytes = ByteBuffer.allocate(6 + payload.length)
                .put((byte) (Frame.FIN | opcode))
                .put((byte) (0x80 | payload.length))
                .putInt(MASK);
        for (int i = 0; i < payload.length; i++) {
            bytes.put((byte) (payload[i] ^ mask.get(i % Integer.BYTES)));
        }
        return bytes.array();
    }

    private static final class Counting extends FrameDecoder {
        long count;

        Counting() {
            super(64 << 10);
        }

        @Override
        void text(String text) {
            count += text.length();
        }

        @Override
        void binary(ByteBuffer payload) {
            count += payload.remaining();
        }

        @Override
        void ping(byte[] buffer, int offset, int payloadLength) {
            count++;
        }

        @Override
        void pong(byte[] buffer, int offset, int payloadLength) {
            count++;
        }

        @Override
        void close(int code, String reason) {
            throw new IllegalStateException("a close frame that nobody sent");
        }

        @Override
        void failed(int code, String reason) {
            throw new IllegalStateException(reason);
        }
    }

    private static final class Silent implements WebSocketListener {
        @Override
        public void opened(WebSocketConnection connection) {}

        @Override
        public void text(WebSocketConnection connection, String message) {}

        @Override
        public void closed(WebSocketConnection connection, int code, String reason) {}
    }

    /** Takes everything, and never says anything. */
    private static final class Bottomless extends StreamConnection {
        Bottomless(XnioIoThread thread) {
            super(thread);
            setSourceConduit(new EmptyStreamSourceConduit(thread));
            setSinkConduit(new NullStreamSinkConduit(thread));
        }

        @Override
        protected void notifyWriteClosed() {}

        @Override
        protected void notifyReadClosed() {}

        @Override
        public SocketAddress getPeerAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public SocketAddress getLocalAddress() {
            return new InetSocketAddress(0);
        }
    }
}

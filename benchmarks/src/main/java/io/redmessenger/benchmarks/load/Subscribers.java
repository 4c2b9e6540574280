package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Plain WebSocket clients in one thread, one per user, which answer pings: that is all that an acknowledgement takes. */
final class Subscribers implements Runnable {

    private static final int TEXT = 1;
    private static final int PONG = 10;
    private static final int LONGEST_SHORT = 125;
    private static final int READ_BYTES = 256 << 10;
    private static final int POLL_MILLIS = 10;
    private static final byte[] CONTROL = "{\"type\":\"".getBytes(US_ASCII);
    private static final byte[] READY = "{\"type\":\"ready\"".getBytes(US_ASCII);

    private final InetSocketAddress server;
    private final byte[] handshake;
    private final List<String> users;
    private final int perSecond;
    private final Deliveries deliveries;
    private final byte[] bytes = new byte[READ_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private final Selector selector;
    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private volatile long origin;
    private volatile boolean stopped;
    private long now;

    /** @param perSecond how many connect in a second */
    Subscribers(InetSocketAddress server, String path, List<String> users, int perSecond, Deliveries deliveries)
            throws IOException {
        this.server = server;
        this.users = users;
        this.perSecond = perSecond;
        this.deliveries = deliveries;
        this.selector = Selector.open();
        this.handshake = String.join(
                        "\r\n",
                        "GET " + path + " HTTP/1.1",
                        "Host: " + server.getHostString() + ":" + server.getPort(),
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "Sec-WebSocket-Version: 13",
                        "",
                        "")
                .getBytes(US_ASCII);
    }

    /** How many are identified and connected. */
    int connected() {
        return ready.get() - lost.get();
    }

    /** How many connections have ended, for whatever reason. */
    int lost() {
        return lost.get();
    }

    /** Why a connection could not be made, or has ended; the first one only. */
    @Nullable
    IOException failure() {
        return failure.get();
    }

    /** From now on the first message is due at {@code nanoTime}. */
    void begin(long nanoTime) {
        origin = nanoTime;
    }

    void stop() {
        stopped = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try (selector) {
            long start = System.nanoTime();
            int opened = 0;
            while (!stopped) {
                long due = (System.nanoTime() - start) * perSecond / 1_000_000_000L + 1;
                while (opened < users.size() && opened < due) {
                    connect(users.get(opened++));
                }
                selector.select(POLL_MILLIS);
                for (SelectionKey key : selector.selectedKeys()) {
                    serve((Client) key.attachment(), key);
                }
                selector.selectedKeys().clear();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void connect(String user) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.connect(server);
        channel.register(selector, SelectionKey.OP_CONNECT, new Client(user, channel));
    }

    private void serve(Client client, SelectionKey key) throws IOException {
        try {
            if (key.isConnectable()) {
                client.channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                client.write(ByteBuffer.wrap(handshake));
                return;
            }
            int length = client.channel.read(buffer.clear());
            if (length < 0) {
                throw new IOException("the server has ended the connection of " + client.user);
            }
            now = System.nanoTime() - origin;
            client.reader.read(bytes, length);
        } catch (IOException e) {
            failure.compareAndSet(null, e);
            lost.incrementAndGet();
            if (!client.identified) {
                ready.incrementAndGet(); // for connected(), which takes all that are lost away again
            }
            client.channel.close();
        }
    }

    /** One connection. */
    private final class Client implements FrameReader.Listener {
        final String user;
        final SocketChannel channel;
        final FrameReader reader = new FrameReader(this);
        boolean identified;

        Client(String user, SocketChannel channel) {
            this.user = user;
            this.channel = channel;
        }

        @Override
        public void opened() throws IOException {
            byte[] identify = ("{\"type\":\"identify\",\"uid\":\"" + user + "\"}").getBytes(UTF_8);
            write(frame(TEXT, identify, 0, identify.length));
        }

        @Override
        public void text(byte[] json, int offset, int length) throws IOException {
            int end = offset + length;
            if (Bytes.indexOf(json, offset, Math.min(end, offset + CONTROL.length), CONTROL) < 0) {
                deliveries.record(json, offset, length, now);
            } else if (Bytes.indexOf(json, offset, Math.min(end, offset + READY.length), READY) >= 0) {
                identified = true;
                ready.incrementAndGet();
            } else {
                failure.compareAndSet(
                        null, new IOException("the server says " + new String(json, offset, length, UTF_8)));
            }
        }

        @Override
        public void ping(byte[] payload, int offset, int length) throws IOException {
            write(frame(PONG, payload, offset, length));
        }

        @Override
        public void close(byte[] payload, int offset, int length) throws IOException {
            int code = length < 2 ? 0 : (payload[offset] & 0xff) << 8 | (payload[offset + 1] & 0xff);
            throw new IOException("the server has closed the connection of " + user + " with " + code);
        }

        void write(ByteBuffer frame) throws IOException {
            channel.write(frame);
            if (frame.hasRemaining()) {
                throw new IOException("the server does not read");
            }
        }
    }

    /** A masked frame, with a mask of zeros. */
    private static ByteBuffer frame(int opcode, byte[] payload, int offset, int length) {
        ByteBuffer frame = ByteBuffer.allocate(8 + length).put((byte) (0x80 | opcode));
        if (length <= LONGEST_SHORT) {
            frame.put((byte) (0x80 | length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) length);
        }
        return frame.putInt(0).put(payload, offset, length).flip();
    }
}

package io.redmessenger.bootstrap.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Very many plain WebSocket clients in one thread, one per user, which answer pings and come back as a close frame of 1001 asks
 * them to. It knows no more of RFC 6455 than a server of ours makes use of.
 */
final class Swarm implements Runnable {

    /** Where messages go. */
    interface Listener {
        /** @param connection counts up per user, from 1 */
        void onText(String user, int connection, String text);
    }

    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MAX_FRAME = 64 * 1024;
    private static final int LONGEST_BACK_OFF = 1_000;
    private static final Pattern RETRY_AFTER = Pattern.compile("retry-after=(\\d+)");

    private static final class Client {
        final String user;
        long connectAt; // milliseconds
        int connection;
        int node;
        boolean open;
        byte[] unread = {};

        @Nullable
        SocketChannel channel;

        Client(String user) {
            this.user = user;
        }
    }

    private final AtomicIntegerArray ports; // by node
    private final Listener listener;
    private final SplittableRandom random = new SplittableRandom(1);
    private final ByteBuffer buffer = ByteBuffer.allocate(MAX_FRAME);
    private final PriorityQueue<Client> waiting =
            new PriorityQueue<>(Comparator.comparingLong(client -> client.connectAt));
    private final TreeMap<Long, Integer> opened = new TreeMap<>(); // connections by second; guarded by this
    private final int[] openAt; // by node; guarded by this
    private final Selector selector;
    private int closedWithoutReason; // guarded by this
    private volatile boolean stopped;

    /** @param perSecond how many connect in a second in the beginning */
    Swarm(int clients, int perSecond, AtomicIntegerArray ports, Listener listener) {
        this.ports = ports;
        this.listener = listener;
        this.openAt = new int[ports.length()];
        long start = now();
        for (int i = 0; i < clients; i++) {
            Client client = new Client(user(i));
            client.node = i % ports.length();
            client.connectAt = start + 1_000L * i / perSecond;
            waiting.add(client);
        }
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String user(int number) {
        return "swarm" + number;
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    /** How many are identified, at all nodes. */
    synchronized int open() {
        return Arrays.stream(openAt).sum();
    }

    synchronized int openAt(int node) {
        return openAt[node];
    }

    /** The largest number of new connections in a second since the last call of {@link #forget}. */
    synchronized int mostInASecond() {
        return opened.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    synchronized void forget() {
        opened.clear();
    }

    /** How many connections ended without a close frame of 1001 that says when to come back. */
    synchronized int closedWithoutReason() {
        return closedWithoutReason;
    }

    @Override
    public void run() {
        try (selector) {
            while (!stopped) {
                connectDue();
                selector.select(10);
                for (SelectionKey key : selector.selectedKeys()) {
                    serve((Client) key.attachment(), key);
                }
                selector.selectedKeys().clear();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connectDue() throws IOException {
        long now = now();
        for (Client next = waiting.peek(); next != null && next.connectAt <= now; next = waiting.peek()) {
            waiting.remove();
            connect(next);
        }
    }

    private void connect(Client client) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        client.channel = channel;
        client.unread = new byte[0];
        client.connection++;
        try {
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(client.node)));
            channel.register(selector, SelectionKey.OP_CONNECT, client);
        } catch (IOException e) {
            gone(client, random.nextInt(LONGEST_BACK_OFF), false);
        }
    }

    private void serve(Client client, SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                write(channel, ByteBuffer.wrap(handshake()));
            } else if (read(client, channel)) {
                parse(client, channel);
            } else {
                gone(client, random.nextInt(LONGEST_BACK_OFF), client.open);
            }
        } catch (IOException e) {
            gone(client, random.nextInt(LONGEST_BACK_OFF), client.open);
        }
    }

    private static byte[] handshake() {
        return String.join(
                        "\r\n",
                        "GET /rm HTTP/1.1",
                        "Host: localhost",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "Sec-WebSocket-Version: 13",
                        "",
                        "")
                .getBytes(US_ASCII);
    }

    private boolean read(Client client, SocketChannel channel) throws IOException {
        buffer.clear();
        int length = channel.read(buffer);
        if (length < 0) {
            return false;
        }
        byte[] all = Arrays.copyOf(client.unread, client.unread.length + length);
        buffer.flip().get(all, client.unread.length, length);
        client.unread = all;
        return true;
    }

    private void parse(Client client, SocketChannel channel) throws IOException {
        if (!client.open && !readHandshake(client, channel)) {
            return;
        }
        byte[] bytes = client.unread;
        int at = 0;
        while (bytes.length - at >= 2) {
            int length = bytes[at + 1] & 0x7f;
            int head = 2;
            if (length == 126 && bytes.length - at >= 4) {
                length = ((bytes[at + 2] & 0xff) << 8) | (bytes[at + 3] & 0xff);
                head = 4;
            } else if (length >= 126) {
                break; // longer than what is published here, or not here yet
            }
            if (bytes.length - at < head + length) {
                break;
            }
            byte[] payload = Arrays.copyOfRange(bytes, at + head, at + head + length);
            if (!accept(client, channel, bytes[at] & 0x0f, payload)) {
                return;
            }
            at += head + length;
        }
        client.unread = Arrays.copyOfRange(bytes, at, bytes.length);
    }

    private boolean readHandshake(Client client, SocketChannel channel) throws IOException {
        String text = new String(client.unread, US_ASCII);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        if (!text.startsWith("HTTP/1.1 101 ")) {
            throw new IOException(text);
        }
        client.unread = Arrays.copyOfRange(client.unread, end + 4, client.unread.length);
        client.open = true;
        write(channel, frame(TEXT, client.user.getBytes(UTF_8)));
        synchronized (this) {
            openAt[client.node]++;
            opened.merge(now() / 1_000, 1, Integer::sum);
        }
        return true;
    }

    /** Returns false when the connection has ended by it. */
    private boolean accept(Client client, SocketChannel channel, int opcode, byte[] payload) throws IOException {
        if (opcode == TEXT) {
            listener.onText(client.user, client.connection, new String(payload, UTF_8));
        } else if (opcode == PING) {
            write(channel, frame(PONG, payload));
        } else if (opcode == CLOSE) {
            int code = payload.length < 2 ? 0 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
            Matcher reason = RETRY_AFTER.matcher(new String(payload, UTF_8));
            boolean told = code == 1001 && reason.find();
            write(channel, frame(CLOSE, payload));
            gone(client, told ? 1_000 * Integer.parseInt(reason.group(1)) : random.nextInt(LONGEST_BACK_OFF), !told);
            return false;
        }
        return true;
    }

    /** A masked frame of fewer than 126 bytes, with a mask of zeros. */
    private static ByteBuffer frame(int opcode, byte[] payload) {
        return ByteBuffer.allocate(6 + payload.length)
                .put((byte) (0x80 | opcode))
                .put((byte) (0x80 | payload.length))
                .putInt(0)
                .put(payload)
                .flip();
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("the server does not read");
        }
    }

    private void gone(Client client, int pause, boolean withoutReason) {
        SocketChannel channel = client.channel;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        synchronized (this) {
            openAt[client.node] -= client.open ? 1 : 0;
            closedWithoutReason += withoutReason ? 1 : 0;
        }
        client.open = false;
        client.node = (client.node + 1 + random.nextInt(ports.length() - 1)) % ports.length();
        client.connectAt = now() + pause;
        waiting.add(client);
    }

    /** Ends the thread, which drops all connections. */
    void stop() {
        stopped = true;
    }
}

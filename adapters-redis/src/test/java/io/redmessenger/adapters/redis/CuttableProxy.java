package io.redmessenger.adapters.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A network between a client and a server, which can be cut, refuse connections, and stand still; an address that stays while
 * the server behind it changes, as those of managed Redis do.
 */
public final class CuttableProxy implements AutoCloseable {

    private static final int CHUNK = 16 * 1024;

    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Object gate = new Object();
    private final ServerSocket listener;
    private volatile int target;
    private volatile boolean refusing;
    private boolean stalled; // guarded by gate

    public CuttableProxy(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Where new connections lead to: a server that was started again may have another port. */
    public void target(int port) {
        target = port;
    }

    /** Drops every connection. New ones pass. */
    public void cut() {
        sockets.forEach(CuttableProxy::close);
    }

    /** Drops every connection, and every new one at once, until {@link #heal}. */
    public void refuse() {
        refusing = true;
        cut();
    }

    /** Connections stay and can be opened, but no byte passes in either direction until {@link #heal}. */
    public void stall() {
        synchronized (gate) {
            stalled = true;
        }
    }

    /** Ends {@link #refuse} and {@link #stall}. */
    public void heal() {
        refusing = false;
        synchronized (gate) {
            stalled = false;
            gate.notifyAll();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void connect(Socket client) {
        sockets.add(client);
        try {
            if (refusing) {
                throw new IOException("refused");
            }
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            if (refusing) {
                cut(); // it began in between
            }
            threads.execute(() -> pass(client, server));
            threads.execute(() -> pass(server, client));
        } catch (IOException e) {
            sockets.remove(client);
            close(client); // the server is gone: the client sees that
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                awaitFlow();
                out.write(chunk, 0, length);
            }
            awaitFlow(); // an end does not pass a network that stands still either
        } catch (IOException e) {
            // it was cut
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitFlow() throws InterruptedException {
        synchronized (gate) {
            while (stalled) {
                gate.wait();
            }
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        close(listener);
        cut();
        threads.shutdownNow();
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

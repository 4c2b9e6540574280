package io.redmessenger.bootstrap.faults;

import io.socket.client.IO;
import io.socket.client.Socket;
import java.net.URI;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The Socket.IO client of the JVM. */
final class SocketIoReader extends Reader {

    private static final long POLL_MILLIS = 100;

    private final String transport;

    /** @param transport {@code websocket} or {@code polling} */
    SocketIoReader(
            String name,
            String user,
            String transport,
            List<Node> nodes,
            SplittableRandom random,
            Habit habit,
            Recorder recorder) {
        super(name, user, nodes, random, habit, recorder);
        this.transport = transport;
    }

    @Override
    String session(int port) throws InterruptedException {
        IO.Options options = new IO.Options();
        options.forceNew = true;
        options.reconnection = false;
        options.timeout = CONNECT_TIMEOUT.toMillis();
        options.transports = new String[] {transport};
        Socket socket = IO.socket(URI.create("http://127.0.0.1:" + port + "/rm"), options);
        CountDownLatch ended = new CountDownLatch(1);
        socket.on(Socket.EVENT_CONNECT, nothing -> socket.emit("identifier", user()));
        socket.on("message", message -> record(String.valueOf(message[0])));
        socket.on("missed", count -> recordMissed(String.valueOf(count[0])));
        socket.on(Socket.EVENT_DISCONNECT, why -> ended.countDown());
        socket.on(Socket.EVENT_CONNECT_ERROR, why -> ended.countDown());
        socket.connect();
        while (!ended.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            if (shouldLeave()) {
                break;
            }
        }
        socket.disconnect();
        return "ended";
    }
}

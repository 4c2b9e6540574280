package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a connection costs that is there and silent: the server's live heap after a full collection, and what it has
 * allocated outside of it, before and after many have come. The bounds are one and a half times what was measured; a buffer
 * that is kept for each connection breaks them, and so does anything of Undertow's that outlives the upgrade.
 */
class IdleConnectionsE2eIT {

    private static final int CONNECTIONS = 2_000;

    /** So many come and go first, so that what the server makes once is there before. */
    private static final int FIRST = 300;

    private static final int PLAIN_BYTES = 2_800;
    private static final int SOCKET_IO_BYTES = 3_600;

    private static ServerProcess server;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(
                dataDir,
                List.of("-XX:NativeMemoryTracking=summary"),
                "--max-connections=5000",
                "--ping-interval=120",
                "--ping-timeout=120");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void anIdleWebSocketShouldCostLittle() throws IOException {
        assertThat(bytesPerConnection("/rm", List.of("{\"type\":\"identify\",\"uid\":\"%s\"}"), "\"ready\""))
                .isBetween(1L, (long) PLAIN_BYTES);
    }

    @Test
    void anIdleSocketIoClientShouldCostLittle() throws IOException {
        String path = "/socket.io/?EIO=4&transport=websocket";
        assertThat(bytesPerConnection(path, List.of("40/rm,{\"uid\":\"%s\"}"), "40/rm,{\"sid\""))
                .isBetween(1L, (long) SOCKET_IO_BYTES);
    }

    private static long bytesPerConnection(String path, List<String> frames, String ready) throws IOException {
        closeAll(open(path, frames, ready, FIRST));
        long before = heldBytes();
        List<Socket> sockets = open(path, frames, ready, CONNECTIONS);
        try {
            return (heldBytes() - before) / CONNECTIONS;
        } finally {
            closeAll(sockets);
        }
    }

    /** Live heap and direct buffers. */
    private static long heldBytes() {
        return 1024 * (server.liveHeapKilobytes() + server.directKilobytes());
    }

    private static List<Socket> open(String path, List<String> frames, String ready, int count) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
            sockets.add(socket);
            socket.setSoTimeout(30_000);
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (String frame : frames) {
                byte[] text = frame.formatted("user" + i).getBytes(StandardCharsets.US_ASCII);
                out.write(0x81);
                out.write(0x80 | text.length);
                out.write(new byte[4]); // a mask that changes nothing
                out.write(text);
            }
        }
        for (Socket socket : sockets) {
            readUntil(ready, socket.getInputStream());
        }
        return sockets;
    }

    private static void readUntil(String expected, InputStream in) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(expected) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("closed after: " + read);
            }
            read.append((char) next);
        }
    }

    private static void closeAll(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        Await.until("all gone", () -> server.connections() == 0);
    }
}

package io.redmessenger.bootstrap.cli;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/** A WebSocket server for one connection at a time, whose every frame the test writes itself. Blocking. */
final class FakeServer implements Closeable {

    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PATIENCE_MILLIS = 20_000;

    private final ServerSocket socket;

    FakeServer() throws IOException {
        socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Answers the next connection with an HTTP status instead. */
    void refuse(String status) throws IOException {
        try (Socket client = socket.accept()) {
            readHead(client.getInputStream());
            write(client, "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    }

    Peer accept() throws Exception {
        Socket client = socket.accept();
        client.setSoTimeout(PATIENCE_MILLIS);
        String head = readHead(client.getInputStream());
        String key = head.replaceAll("(?is).*sec-websocket-key: (\\S+).*", "$1");
        byte[] digest = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
        write(
                client,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n");
        return new Peer(client, head.lines().findFirst().orElse(""));
    }

    private static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            head.write(in.read());
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static void write(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The server's side of one connection. */
    static final class Peer implements Closeable {
        private final Socket client;
        private final String request;
        private final DataInputStream in;

        Peer(Socket client, String request) throws IOException {
            this.client = client;
            this.request = request;
            this.in = new DataInputStream(client.getInputStream());
        }

        String request() {
            return request;
        }

        /** The next text of the client, or {@code close CODE}. */
        String read() throws IOException {
            int opcode = in.readUnsignedByte() & 0x0f;
            int length = in.readUnsignedByte() & 0x7f;
            length = length == 126 ? in.readUnsignedShort() : length;
            byte[] mask = in.readNBytes(4);
            byte[] data = in.readNBytes(length);
            for (int i = 0; i < data.length; i++) {
                data[i] ^= mask[i & 3];
            }
            return opcode == CLOSE
                    ? "close " + (((data[0] & 0xff) << 8) | (data[1] & 0xff))
                    : new String(data, StandardCharsets.UTF_8);
        }

        void say(String text) throws IOException {
            frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
        }

        void end(int code, String reason) throws IOException {
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            data.write(code >> 8);
            data.write(code);
            data.writeBytes(reason.getBytes(StandardCharsets.UTF_8));
            frame(CLOSE, data.toByteArray());
        }

        private void frame(int opcode, byte[] data) throws IOException {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(0x80 | opcode);
            if (data.length < 126) {
                frame.write(data.length);
            } else {
                frame.write(126);
                frame.write(data.length >> 8);
                frame.write(data.length);
            }
            frame.writeBytes(data);
            client.getOutputStream().write(frame.toByteArray());
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}

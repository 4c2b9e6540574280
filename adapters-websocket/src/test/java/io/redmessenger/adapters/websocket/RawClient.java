package io.redmessenger.adapters.websocket;

import io.redmessenger.application.contract.Await;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A socket that says what it is told, answers nothing on its own, and shows what it gets. */
public final class RawClient implements AutoCloseable {

    /** A frame of the server; opcode -1 is the end without a close frame. */
    public record Received(int opcode, String payload, long token, int code) {}

    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;
    public static final int END = -1;

    private final Socket socket;
    private final DataInputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Await.LIMIT.toMillis());
        in = new DataInputStream(socket.getInputStream());
    }

    /** Sends a handshake with these header lines besides, and returns the head of the answer. */
    public String handshake(String... headers) throws IOException {
        return handshakeAt("/rm", headers);
    }

    public String handshakeAt(String path, String... headers) throws IOException {
        StringBuilder request =
                new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + socket.getPort() + "\r\n"
                        + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** Opens the WebSocket. */
    public RawClient open() throws IOException {
        return open("/rm");
    }

    /** Opens the WebSocket at another path. */
    public RawClient open(String path) throws IOException {
        String head = handshakeAt(path);
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError(head);
        }
        return this;
    }

    public RawClient send(String text) throws IOException {
        return send(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public RawClient send(int opcode, byte[] payload) throws IOException {
        write(frame(opcode, payload));
        return this;
    }

    public RawClient pong(long token) throws IOException {
        return send(PONG, ByteBuffer.allocate(8).putLong(token).array());
    }

    /** Sends bytes as they are. A server that has hung up already is no failure. */
    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A masked frame. */
    public static byte[] frame(int opcode, byte[] payload) {
        byte[] mask = {1, 2, 3, 4};
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) (0x80 | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i & 3]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** Waits for the next frame, or the end. */
    public Received next() throws IOException {
        try {
            int opcode = in.read();
            if (opcode < 0) {
                return new Received(END, "", 0, 1006);
            }
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = (int) in.readLong();
            }
            byte[] payload = new byte[length];
            in.readFully(payload);
            boolean isClose = (opcode & 0xf) == CLOSE && length >= 2;
            return new Received(
                    opcode & 0xf,
                    new String(payload, isClose ? 2 : 0, isClose ? length - 2 : length, StandardCharsets.UTF_8),
                    length == 8 ? ByteBuffer.wrap(payload).getLong() : 0,
                    isClose ? ByteBuffer.wrap(payload).getShort() & 0xffff : 1005);
        } catch (SocketException e) {
            return new Received(END, "", 0, 1006); // reset
        }
    }

    /** Skips everything before the next frame of this kind. */
    public Received next(int opcode) throws IOException {
        Received received = next();
        while (received.opcode() != opcode) {
            if (received.opcode() == END) {
                throw new AssertionError("the connection ended");
            }
            received = next();
        }
        return received;
    }

    /** Everything that the server still sends before it hangs up. */
    public String rest() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        InputStream stream = in;
        stream.transferTo(rest);
        return rest.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package io.redmessenger.adapters.websocket.frame;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A client that sends any bytes, and reads frames strictly. Every read has a limit of ten seconds. */
final class RawClient implements AutoCloseable {
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final int LIMIT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    RawClient(int port) throws IOException {
        this(port, 0);
    }

    /** With a small receive buffer, to be a slow reader. */
    RawClient(int port, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MILLIS);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    static RawClient open(WebSocketServer server) throws IOException {
        RawClient client = new RawClient(server.port());
        client.handshake();
        return client;
    }

    static byte[] handshakeRequest() {
        return ("GET /ws?a=b HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                        + KEY + "\r\nSec-WebSocket-Version: 13\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    void handshake() throws IOException {
        send(handshakeRequest());
        String head = readHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("not upgraded: " + head);
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void send(byte[] bytes, int from, int to) throws IOException {
        socket.getOutputStream().write(bytes, from, to - from);
    }

    /** The response's status line and headers. */
    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    String readBody(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** The next frame as {@code text:…}, {@code binary:hex}, {@code ping:hex}, {@code pong:hex}, {@code close:code}. */
    String read() throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        if ((first & 0xf0) != ClientFrames.FIN || (second & 0x80) != 0) {
            throw new IOException("not a whole unmasked frame: " + first + ", " + second);
        }
        long length = second < 126 ? second : second == 126 ? in.readUnsignedShort() : in.readLong();
        if (length < (second < 126 ? 0 : second == 126 ? 126 : 65_536)) {
            throw new IOException("length " + length + " not in the fewest bytes");
        }
        byte[] payload = in.readNBytes((int) length);
        if (payload.length < length) {
            throw new EOFException("within a frame");
        }
        return switch (first & 0xf) {
            case Frame.TEXT -> "text:" + new String(payload, StandardCharsets.UTF_8);
            case Frame.BINARY -> "binary:" + HexFormat.of().formatHex(payload);
            case Frame.PING -> "ping:" + HexFormat.of().formatHex(payload);
            case Frame.PONG -> "pong:" + HexFormat.of().formatHex(payload);
            case Frame.CLOSE ->
                "close:" + (payload.length == 0 ? 1005 : ((payload[0] & 0xff) << 8 | (payload[1] & 0xff)));
            default -> throw new IOException("opcode " + (first & 0xf));
        };
    }

    /** All frames up to the end of the stream, which must not be a reset. */
    List<String> readAll() throws IOException {
        List<String> frames = new ArrayList<>();
        while (true) {
            in.mark(1);
            if (in.read() == -1) {
                return frames;
            }
            in.reset();
            frames.add(read());
        }
    }

    /** Whether the server has ended the connection, be it by a reset. */
    boolean isEnded() throws IOException {
        try {
            return in.read() == -1;
        } catch (SocketException e) {
            return true;
        }
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends the connection by a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

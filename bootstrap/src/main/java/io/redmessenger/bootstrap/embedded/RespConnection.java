package io.redmessenger.bootstrap.embedded;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Just enough of Redis' protocol to ask a server on loopback who it is. Blocking; for one thread, except that
 * {@link #close} may come from any.
 */
final class RespConnection implements Closeable {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int LARGEST_REPLY = 1 << 20;

    private final Socket socket;
    private final InputStream in;

    private RespConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** @param timeout for connecting, and for each reply */
    static RespConnection open(int port, Duration timeout) throws IOException {
        Socket socket = new Socket();
        try {
            int millis = Math.toIntExact(timeout.toMillis());
            socket.connect(new InetSocketAddress(LOOPBACK, port), millis);
            socket.setSoTimeout(millis);
            return new RespConnection(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends a command and returns its reply flattened to texts. An error reply is one text that begins with a minus. */
    List<String> ask(String... command) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("*" + command.length + "\r\n").getBytes(StandardCharsets.UTF_8));
        for (String part : command) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            request.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
            request.writeBytes(bytes);
            request.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        socket.getOutputStream().write(request.toByteArray());
        List<String> reply = new ArrayList<>();
        read(reply);
        return reply;
    }

    private void read(List<String> reply) throws IOException {
        String line = readLine();
        String rest = line.substring(1);
        switch (line.charAt(0)) {
            case '+', ':' -> reply.add(rest);
            case '-' -> reply.add(line);
            case '$' -> reply.add(readBulk(lengthIn(rest)));
            case '*' -> {
                for (int i = lengthIn(rest); i > 0; i--) {
                    read(reply);
                }
            }
            default -> throw new IOException("not Redis' protocol");
        }
    }

    private String readBulk(int length) throws IOException {
        if (length < 0) {
            return "";
        }
        byte[] bytes = in.readNBytes(length);
        readLine();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int lengthIn(String text) throws IOException {
        if (!text.matches("-1|[0-9]{1,7}") || Integer.parseInt(text) > LARGEST_REPLY) {
            throw new IOException("not Redis' protocol");
        }
        return Integer.parseInt(text);
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.length() > LARGEST_REPLY) {
                throw new EOFException("the connection ended inside a reply");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.isEmpty() ? " " : line.toString();
    }

    /** Blocks until the other side ends the connection, or {@link #close} is called. */
    void awaitEnd() {
        try {
            socket.setSoTimeout(0);
            while (in.read() >= 0) {
                // a server says nothing without being asked
            }
        } catch (IOException e) {
            // ended, in another way
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

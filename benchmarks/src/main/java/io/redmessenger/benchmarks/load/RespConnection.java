package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/**
 * A connection to Redis for commands whose reply is one line: a number, or OK. It blocks, for a reply at most a minute. One
 * thread may send while another one reads replies.
 */
final class RespConnection implements AutoCloseable {

    private static final int DEFAULT_PORT = 6379;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    /** @param redis {@code redis://[[user]:password@]host[:port]} */
    RespConnection(URI redis) throws IOException {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(redis.getHost(), redis.getPort() < 0 ? DEFAULT_PORT : redis.getPort()));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        String userInfo = redis.getUserInfo();
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            String user = userInfo.substring(0, Math.max(0, colon));
            String password = userInfo.substring(colon + 1);
            call(user.isEmpty() ? new String[] {"AUTH", password} : new String[] {"AUTH", user, password});
        }
    }

    /** A command in RESP. */
    static void encode(ByteArrayOutputStream target, String... words) {
        target.writeBytes(("*" + words.length + "\r\n").getBytes(UTF_8));
        for (String word : words) {
            byte[] bytes = word.getBytes(UTF_8);
            target.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
            target.writeBytes(bytes);
            target.write('\r');
            target.write('\n');
        }
    }

    /** Sends a command and returns the reply. */
    String call(String... words) throws IOException {
        ByteArrayOutputStream command = new ByteArrayOutputStream();
        encode(command, words);
        send(command);
        return reply();
    }

    void send(ByteArrayOutputStream commands) throws IOException {
        commands.writeTo(out);
    }

    /** The next reply, without its type; an error is thrown. */
    String reply() throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        while (c != '\n') {
            if (c < 0) {
                throw new EOFException("Redis has ended the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
            c = in.read();
        }
        if (line.length() == 0 || line.charAt(0) == '-') {
            throw new IOException("Redis says " + line);
        }
        return line.substring(1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

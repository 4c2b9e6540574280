package io.redmessenger.adapters.websocket;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.application.contract.Await;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A client of an event stream on a raw socket. It takes chunks and lines apart as the standards say, and reads only when it
 * is asked.
 */
public final class EventSourceClient implements AutoCloseable {

    /** What a stream brings: an event; or, with the type {@code :}, a comment. */
    public record Event(String type, String id, String data, String retry) {
        public JsonNode json() {
            return Client.json(data);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private String head = "";
    private boolean chunked;
    private int leftOfChunk;
    private boolean ended;

    public EventSourceClient(int port) throws IOException {
        this(port, 0);
    }

    /** @param receiveBuffer how much the kernel is to take for this socket; 0 leaves that to it */
    public EventSourceClient(int port, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Await.LIMIT.toMillis());
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** Asks for a path, and reads the head of the answer. */
    public EventSourceClient get(String path, String... headers) throws IOException {
        return request("GET", path, headers);
    }

    /** Sends a request without a body, and reads the head of the answer. */
    public EventSourceClient request(String method, String path, String... headers) throws IOException {
        StringBuilder request =
                new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + socket.getPort() + "\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return send(request.append("\r\n").toString()).readHead();
    }

    /** Sends text as it is. */
    public EventSourceClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public EventSourceClient readHead() throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            text.append((char) in.readUnsignedByte());
        }
        head = text.toString();
        chunked = head.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n");
        return this;
    }

    /** Opens the stream of a user, up to the event that says so. */
    public EventSourceClient open(String query, String... headers) throws IOException {
        get("/rm/events?" + query, headers);
        if (!head.startsWith("HTTP/1.1 200 ")) {
            throw new AssertionError(head);
        }
        Event ready = next();
        if (!ready.type().equals("ready")) {
            throw new AssertionError(ready);
        }
        return this;
    }

    public String head() {
        return head;
    }

    public int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    /** Waits for the next event or comment. */
    public Event next() throws IOException {
        String type = "message";
        String id = "";
        String retry = "";
        List<String> data = new ArrayList<>();
        boolean comment = false;
        while (true) {
            String line = line();
            if (line.isEmpty()) {
                return new Event(comment ? ":" : type, id, String.join("\n", data), retry);
            }
            int colon = line.indexOf(':');
            String value = line.substring(colon + 1).replaceFirst("^ ", "");
            switch (line.substring(0, colon)) {
                case "" -> comment = true;
                case "event" -> type = value;
                case "id" -> id = value;
                case "data" -> data.add(value);
                case "retry" -> retry = value;
                default -> throw new AssertionError("not a field: " + line);
            }
        }
    }

    /** Waits for the next message, and skips everything else. */
    public Event message() throws IOException {
        return next("message");
    }

    /** Waits for the next event of a type, and skips everything else. */
    public Event next(String type) throws IOException {
        Event event = next();
        while (!event.type().equals(type)) {
            event = next();
        }
        return event;
    }

    /** A line ends at LF, CR, or both; a stream that ends in the middle of one is an error. */
    private String line() throws IOException {
        StringBuilder bytes = new StringBuilder();
        while (true) {
            int b = read();
            if (b < 0) {
                throw new EOFException("the stream ended behind \"" + bytes + "\"");
            }
            if (b == '\n' || b == '\r') {
                return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
            bytes.append((char) b);
        }
    }

    /** The next byte of the body, -1 at its end. A chunked body must end with its last chunk. */
    public int read() throws IOException {
        if (ended || !chunked) {
            return ended ? -1 : in.read();
        }
        if (leftOfChunk == 0) {
            leftOfChunk = Integer.parseInt(plainLine(), 16);
            if (leftOfChunk == 0) {
                plainLine();
                ended = true;
                return -1;
            }
        }
        int b = in.readUnsignedByte();
        if (--leftOfChunk == 0) {
            String end = plainLine();
            if (!end.isEmpty()) {
                throw new AssertionError("a chunk is followed by " + end);
            }
        }
        return b;
    }

    private String plainLine() throws IOException {
        StringBuilder line = new StringBuilder();
        int b = in.readUnsignedByte();
        while (b != '\n') {
            line.append((char) b);
            b = in.readUnsignedByte();
        }
        return line.toString().stripTrailing();
    }

    /** Waits for the proper end of the body, and returns what still came. */
    public String rest() throws IOException {
        StringBuilder rest = new StringBuilder();
        int b = read();
        while (b >= 0) {
            rest.append((char) b);
            b = read();
        }
        return rest.toString();
    }

    /** Whether the server has closed the connection behind the body. */
    public boolean isClosedByServer() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

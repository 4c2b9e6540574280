package io.redmessenger.adapters.websocket.socketio;

import io.redmessenger.adapters.websocket.frame.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One Engine.IO packet that the server sends: a digit, which is its type, and text. Immutable, so that a fan-out can share it
 * among all connections.
 */
final class Packet {

    static final Packet CLOSE = new Packet("1");
    static final Packet PING = new Packet("2");
    static final Packet NOOP = new Packet("6");

    private final byte[] utf8;
    private volatile @Nullable Frame frame;

    private Packet(String text) {
        this(text.getBytes(StandardCharsets.UTF_8));
    }

    private Packet(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** The handshake. */
    static Packet open(String json) {
        return new Packet("0" + json);
    }

    /** Answers a ping that carried {@code data}. */
    static Packet pong(String data) {
        return new Packet("3" + data);
    }

    /** A packet of Socket.IO. */
    static Packet message(String text) {
        return new Packet("4" + text);
    }

    /** A packet of Socket.IO of three parts, in UTF-8. */
    static Packet message(String before, byte[] json, String behind) {
        byte[] head = ("4" + before).getBytes(StandardCharsets.UTF_8);
        byte[] tail = behind.getBytes(StandardCharsets.UTF_8);
        return new Packet(ByteBuffer.allocate(head.length + json.length + tail.length)
                .put(head)
                .put(json)
                .put(tail)
                .array());
    }

    /** In a WebSocket a packet is a text message. */
    Frame frame() {
        Frame known = frame;
        if (known == null) {
            known = Frame.text(utf8);
            frame = known;
        }
        return known;
    }

    int length() {
        return utf8.length;
    }

    /** Its length as text of UTF-16. */
    int characters() {
        int characters = 0;
        for (byte b : utf8) {
            boolean continues = (b & 0xc0) == 0x80;
            boolean beginsPair = (b & 0xf8) == 0xf0;
            characters += continues ? 0 : beginsPair ? 2 : 1;
        }
        return characters;
    }

    void copyTo(ByteBuffer target) {
        target.put(utf8);
    }
}

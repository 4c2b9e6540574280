package io.redmessenger.adapters.websocket.socketio;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How long-polling carries several packets in one body: the payloads of Engine.IO 3 and 4. */
enum PayloadFormat {

    /** Revision 4: packets with a record separator in between. */
    SEPARATED("text/plain; charset=UTF-8") {
        @Override
        byte[] encode(List<Packet> packets) {
            ByteBuffer body = ByteBuffer.allocate(lengthOf(packets) + packets.size());
            for (Packet packet : packets) {
                packet.copyTo(body);
                body.put(SEPARATOR);
            }
            return Arrays.copyOf(body.array(), Math.max(0, body.position() - 1));
        }

        @Override
        List<String> decode(byte[] body) {
            return List.of(utf8(ByteBuffer.wrap(body)).split(String.valueOf((char) SEPARATOR), -1));
        }
    },

    /** Revision 3: each packet behind its number of characters, as JavaScript counts them, and a colon. */
    COUNTED("text/plain; charset=UTF-8") {
        @Override
        byte[] encode(List<Packet> packets) {
            ByteBuffer body = ByteBuffer.allocate(lengthOf(packets) + packets.size() * MOST_PREFIX);
            for (Packet packet : packets) {
                body.put((packet.characters() + ":").getBytes(StandardCharsets.US_ASCII));
                packet.copyTo(body);
            }
            return Arrays.copyOf(body.array(), body.position());
        }

        @Override
        List<String> decode(byte[] body) {
            String text = utf8(ByteBuffer.wrap(body));
            List<String> packets = new ArrayList<>();
            int from = 0;
            while (from < text.length()) {
                int colon = text.indexOf(':', from);
                if (colon < 0) {
                    throw new IllegalArgumentException("a packet without its length");
                }
                int length = number(text.substring(from, colon));
                if (length > text.length() - colon - 1) {
                    throw new IllegalArgumentException("a packet is shorter than its length says");
                }
                packets.add(text.substring(colon + 1, colon + 1 + length));
                from = colon + 1 + length;
            }
            return packets;
        }
    },

    /** Revision 3, the only one that clients before 1.4 read: 0, the length's digits, 255, and the packet. */
    BINARY("application/octet-stream") {
        @Override
        byte[] encode(List<Packet> packets) {
            ByteBuffer body = ByteBuffer.allocate(lengthOf(packets) + packets.size() * MOST_PREFIX);
            for (Packet packet : packets) {
                body.put((byte) 0);
                for (char digit : String.valueOf(packet.length()).toCharArray()) {
                    body.put((byte) (digit - '0'));
                }
                body.put((byte) 0xff);
                packet.copyTo(body);
            }
            return Arrays.copyOf(body.array(), body.position());
        }

        @Override
        List<String> decode(byte[] body) {
            ByteBuffer buffer = ByteBuffer.wrap(body);
            List<String> packets = new ArrayList<>();
            while (buffer.hasRemaining()) {
                if (buffer.get() != 0) {
                    throw new IllegalArgumentException("binary packets are not accepted");
                }
                int length = length(buffer);
                packets.add(utf8(buffer.slice(buffer.position(), length)));
                buffer.position(buffer.position() + length);
            }
            return packets;
        }

        private int length(ByteBuffer buffer) {
            StringBuilder digits = new StringBuilder();
            while (buffer.hasRemaining()) {
                int digit = buffer.get() & 0xff;
                if (digit == 0xff) {
                    int length = number(digits.toString());
                    if (length <= buffer.remaining()) {
                        return length;
                    }
                    break;
                }
                digits.append(digit <= 9 ? (char) ('0' + digit) : '?');
            }
            throw new IllegalArgumentException("a packet is shorter than its length says");
        }
    };

    private static final byte SEPARATOR = 0x1e;

    /** Up to nine digits of a length, and what is around them. */
    private static final int MOST_PREFIX = 11;

    private static final int MOST_DIGITS = 9;

    private final String contentType;

    PayloadFormat(String contentType) {
        this.contentType = contentType;
    }

    String contentType() {
        return contentType;
    }

    abstract byte[] encode(List<Packet> packets);

    /** @throws IllegalArgumentException when it is not in this format */
    abstract List<String> decode(byte[] body);

    private static int lengthOf(List<Packet> packets) {
        return packets.stream().mapToInt(Packet::length).sum();
    }

    private static int number(String digits) {
        if (digits.isEmpty() || digits.length() > MOST_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("a packet's length must be a number");
        }
        return Integer.parseInt(digits);
    }

    private static String utf8(ByteBuffer bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not UTF-8", e);
        }
    }
}

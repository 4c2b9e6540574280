package io.redmessenger.adapters.websocket.socketio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * A packet of Socket.IO as a client sends it (protocol revisions 3 to 5):
 * {@code <type>[<attachments>-][<namespace>,][<id>][<json>]}.
 *
 * @param namespace begins with a slash; a query behind it, as old clients send one, is left out
 * @param id what an acknowledgement is to carry; negative when none is asked for
 * @param data what follows; missing when nothing does
 */
record SocketPacket(Type type, String namespace, long id, JsonNode data) {

    /** In the order of their digits. */
    enum Type {
        CONNECT,
        DISCONNECT,
        EVENT,
        ACK,
        CONNECT_ERROR,
        BINARY_EVENT,
        BINARY_ACK
    }

    static final long NO_ID = -1;

    private static final Type[] TYPES = Type.values();
    private static final int MOST_ID_DIGITS = 15;
    private static final int LONGEST_NAMESPACE = 256;

    /** @throws IllegalArgumentException when it is no packet; the message says why */
    static SocketPacket parse(String text) {
        Type type = type(text);
        if (type == Type.BINARY_EVENT || type == Type.BINARY_ACK) {
            throw new IllegalArgumentException("binary attachments are not accepted");
        }
        int at = 1;
        String namespace = "/";
        if (text.startsWith("/", at)) {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            namespace = namespace(text.substring(at, end));
            at = comma < 0 ? end : comma + 1;
        }
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at - from > MOST_ID_DIGITS) {
            throw new IllegalArgumentException("an id of more than " + MOST_ID_DIGITS + " digits");
        }
        long id = at == from ? NO_ID : Long.parseLong(text.substring(from, at));
        JsonNode data = json(text.substring(at));
        check(type, data);
        return new SocketPacket(type, namespace, id, data);
    }

    private static Type type(String text) {
        int digit = text.isEmpty() ? -1 : text.charAt(0) - '0';
        if (digit < 0 || digit >= TYPES.length) {
            throw new IllegalArgumentException("no known type of packet");
        }
        return TYPES[digit];
    }

    private static String namespace(String text) {
        int query = text.indexOf('?');
        String name = query < 0 ? text : text.substring(0, query);
        if (name.length() > LONGEST_NAMESPACE) {
            throw new IllegalArgumentException("a namespace of more than " + LONGEST_NAMESPACE + " characters");
        }
        return name;
    }

    private static JsonNode json(String text) {
        if (text.isEmpty()) {
            return MissingNode.getInstance();
        }
        try {
            return Revision.READER.readTree(text);
        } catch (JsonProcessingException e) { // whose message repeats what the client has sent, perhaps a key
            throw new IllegalArgumentException("the data of a packet is not JSON, or too deeply nested", e);
        }
    }

    private static void check(Type type, JsonNode data) {
        boolean fits = switch (type) {
            case CONNECT -> data.isMissingNode() || data.isObject();
            case DISCONNECT -> data.isMissingNode();
            case EVENT ->
                data.isArray() && (data.path(0).isTextual() || data.path(0).isNumber());
            case ACK -> data.isArray();
            case CONNECT_ERROR, BINARY_EVENT, BINARY_ACK -> false;
        };
        if (!fits) {
            throw new IllegalArgumentException("a packet of this type cannot carry this");
        }
    }
}

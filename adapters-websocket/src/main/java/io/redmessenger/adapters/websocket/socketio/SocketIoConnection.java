package io.redmessenger.adapters.websocket.socketio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.adapters.websocket.server.Identifier;
import io.redmessenger.adapters.websocket.server.SharedEncoding;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.delivery.Delivery;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A client that is connected to the namespace in which users are served. It says who it is by the event {@code identifier},
 * or by the payload of its CONNECT packet, and is sent events from then on.
 *
 * <p>What the client does comes while its session of Engine.IO is held; what the user's session does comes on its lane, and
 * holds it too: a client may leave and connect again as somebody else, and must not get what was for the one before.
 */
final class SocketIoConnection implements ConnectionPort, Arrivals.Sender {

    /** What all of them share. */
    record Node(Sessions sessions, Telemetry telemetry, String namespace, Encodings encodings) {}

    /** Messages as packets, each encoded once for all connections of a revision. */
    static final class Encodings {
        private final SharedEncoding<Packet> v3;
        private final SharedEncoding<Packet> v4;

        Encodings(String namespace) {
            v3 = of(namespace, Revision.V3);
            v4 = of(namespace, Revision.V4);
        }

        private static SharedEncoding<Packet> of(String namespace, Revision revision) {
            String before = "2" + namespace + ",[\"message\",";
            return new SharedEncoding<>((message, json) -> Packet.message(before, revision.text(json), "]"));
        }

        private Packet of(Revision revision, Delivery.Offered offered, boolean bubble) {
            return (revision == Revision.V3 ? v3 : v4).of(offered, bubble);
        }
    }

    private static final int GOING_AWAY = 1001;
    private static final int INTERNAL_ERROR = 1011;
    private static final int TRY_AGAIN_LATER = 1013;
    private static final int MOST_SECONDS_AWAY = 5;

    private final Node node;
    private final EngineSession engine;
    private final String socketId;
    private final ConnectionId id;

    private @Nullable Identifier identifier;
    private Sessions.@Nullable Session session;

    /** The client is told by the answer to its CONNECT packet whether it is let in. */
    private boolean byConnect;

    private long acknowledgeBy = SocketPacket.NO_ID;
    private long pendingAtStart = -1; // negative until the session has opened
    private boolean left;

    SocketIoConnection(Node node, EngineSession engine, String socketId, ConnectionId id) {
        this.node = node;
        this.engine = engine;
        this.socketId = socketId;
        this.id = id;
    }

    @Override
    public ConnectionId id() {
        return id;
    }

    // ---- what the client does

    /** It has connected, and may have said in {@code auth} who it is. */
    void connected(JsonNode auth) {
        if (!auth.has("uid") && !auth.has("token")) {
            sendConnected();
            return;
        }
        byConnect = true;
        if (auth.has("token")) {
            refuse(new Refusal("unauthorized", "this server knows no tokens; show a key", false));
            return;
        }
        try {
            identify(Identifier.of(text(auth, "uid"), auth.has("key") ? text(auth, "key") : ""));
        } catch (IllegalArgumentException e) {
            violated(String.valueOf(e.getMessage()));
        }
    }

    private static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isTextual() && !value.isIntegralNumber()) {
            throw new IllegalArgumentException(field + " must be a string");
        }
        return value.asText();
    }

    /** It has emitted an event; others than the identifier are ignored. */
    void event(JsonNode event, long acknowledgementId) {
        String name = event.path(0).asText();
        if (!name.equals("identifier")) {
            acknowledge(acknowledgementId, failed("unknown_event"));
            return;
        }
        JsonNode argument = event.path(1);
        try {
            if (!argument.isTextual() && !argument.isIntegralNumber()) {
                throw new IllegalArgumentException("an identifier must be a string: \"uid\", or \"uid:key\"");
            }
            Identifier said = Identifier.parse(argument.asText());
            if (identifier == null) {
                acknowledgeBy = acknowledgementId;
                identify(said);
            } else if (identifier.equals(said)) {
                acknowledge(acknowledgementId, succeeded(Math.max(0, pendingAtStart)));
            } else {
                acknowledge(acknowledgementId, failed("bad_request"));
                sendError(new Refusal(
                        "bad_request", "already identified; disconnect, and connect to be somebody else", false));
            }
        } catch (IllegalArgumentException e) {
            acknowledgeBy = acknowledgementId;
            violated(String.valueOf(e.getMessage()));
        }
    }

    private void identify(Identifier said) {
        identifier = said;
        engine.identified();
        session = node.sessions().open(said.user(), said.credential(), this);
    }

    private void violated(String problem) {
        node.telemetry().count(Event.PROTOCOL_VIOLATION);
        refuse(new Refusal("bad_request", problem, false));
        leave();
    }

    /** It has left the namespace, or is gone. */
    void leave() {
        left = true;
        if (session != null) {
            session.closed();
        }
    }

    boolean isGone() {
        return left;
    }

    boolean isIdentified() {
        return identifier != null;
    }

    @Override
    public void arrived(long sequence) {
        if (session != null) {
            session.acknowledge(sequence);
        }
    }

    // ---- what is sent

    private record Refusal(String code, String message, boolean retryable) {

        static Refusal of(CloseReason reason) {
            return new Refusal(reason.code(), reason.message(), reason.retryable());
        }

        ObjectNode json() {
            return object().put("code", code).put("message", message).put("retryable", retryable);
        }
    }

    private static ObjectNode object() {
        return Revision.READER.createObjectNode();
    }

    private static ObjectNode succeeded(long pending) {
        return object().put("ok", true).put("pending", pending);
    }

    private static ObjectNode failed(String code) {
        return object().put("ok", false).put("code", code);
    }

    private void send(char type, String rest) {
        engine.send(Packet.message(type + node.namespace() + "," + rest));
    }

    private void sendConnected() {
        send('0', engine.revision() == Revision.V4 ? text(object().put("sid", socketId)) : "");
    }

    private void acknowledge(long acknowledgementId, ObjectNode answer) {
        if (acknowledgementId != SocketPacket.NO_ID) {
            send('3', acknowledgementId + "[" + text(answer) + "]");
        }
    }

    private void emit(String event, ObjectNode argument) {
        send('2', "[\"" + event + "\"," + text(argument) + "]");
    }

    private String text(ObjectNode json) {
        return engine.revision().text(json);
    }

    private void sendError(Refusal refusal) {
        emit("rm_error", refusal.json());
    }

    /**
     * Tells why, and disconnects the client, which then does not come back by itself. It may connect again as somebody, but
     * not stay as nobody.
     */
    private void refuse(Refusal refusal) {
        boolean connectError = answersConnect();
        tell(refusal);
        left = true;
        engine.awaitIdentifier();
        if (!connectError) {
            send('1', "");
        }
    }

    /** Whether what is sent next is the answer to its CONNECT packet. */
    private boolean answersConnect() {
        return byConnect && pendingAtStart < 0;
    }

    private void tell(Refusal refusal) {
        if (answersConnect()) {
            ObjectNode error = object().put("message", refusal.message());
            error.set("data", refusal.json());
            send('4', text(error));
            return;
        }
        if (pendingAtStart < 0) {
            acknowledge(acknowledgeBy, failed(refusal.code()));
        }
        sendError(refusal);
    }

    void identifyTimeIsUp(String problem) {
        sendError(new Refusal("identify_timeout", problem, false));
    }

    // ---- what the session does

    @Override
    public void opened(long pending) {
        synchronized (engine) {
            if (left) {
                return;
            }
            pendingAtStart = pending;
            if (byConnect) {
                sendConnected();
            } else {
                acknowledge(acknowledgeBy, succeeded(pending));
            }
        }
    }

    @Override
    public void missed(long count) {
        synchronized (engine) {
            if (!left) {
                emit("missed", object().put("count", count));
            }
        }
    }

    @Override
    public void deliver(List<Delivery.Offered> batch, boolean bubble) {
        List<Packet> packets = batch.stream()
                .map(offered -> node.encodings().of(engine.revision(), offered, bubble))
                .toList();
        synchronized (engine) {
            if (!left) {
                engine.send(packets, this, batch.get(batch.size() - 1).sequence());
            }
        }
    }

    /** A client that is disconnected stays away; one that may try again loses its transport, and comes back by itself. */
    @Override
    public void close(CloseReason reason) {
        synchronized (engine) {
            if (left) {
                return;
            }
            if (reason.retryable()) {
                if (!answersConnect()) { // a client that is told so gives up
                    tell(Refusal.of(reason));
                }
                left = true;
                closeTransport(reason);
            } else {
                refuse(Refusal.of(reason));
            }
        }
    }

    private void closeTransport(CloseReason reason) {
        switch (reason) {
            case GOING_AWAY ->
                engine.close(
                        GOING_AWAY, "retry-after=" + ThreadLocalRandom.current().nextInt(1, MOST_SECONDS_AWAY + 1));
            case STORE_UNAVAILABLE, NODE_FULL -> engine.close(TRY_AGAIN_LATER, reason.message());
            default -> engine.close(INTERNAL_ERROR, reason.message());
        }
    }
}

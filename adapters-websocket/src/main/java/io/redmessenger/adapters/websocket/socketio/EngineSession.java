package io.redmessenger.adapters.websocket.socketio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.adapters.websocket.frame.WebSocketConnection;
import io.redmessenger.adapters.websocket.socketio.Deadlines.Kind;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * A session of Engine.IO (protocol revisions 3 and 4): packets in both directions, by long-polling, by WebSocket, or by first
 * the one and then the other.
 *
 * <p>Requests, frames, timers and sendings come on different threads; everything here is guarded by this, and nothing in it
 * waits. That a packet has arrived is proved without code in the client: a WebSocket answers pings in order (RFC 6455, section
 * 5.5.3), and who polls again, or upgrades, has read the answer to the poll before. A poll that may be a repetition by the HTTP
 * client gets the same answer again, and proves nothing.
 */
final class EngineSession {

    /** What is carried over the session. */
    interface Receiver {

        /** The session is open, and may be used. */
        void opened();

        /** The client has sent a packet of Socket.IO. */
        void message(String text);

        /** The client has not said in time who it is. */
        void identifyTimeIsUp();

        /** The session is over, whoever ended it. */
        void ended();
    }

    /** How long a client may take from its probe to its upgrade. */
    private static final Duration UPGRADE_LIMIT = Duration.ofSeconds(10);

    /** While a client upgrades, its poll is answered after this, so that it can let go of it. */
    private static final Duration POLL_WHILE_PROBING = Duration.ofMillis(100);

    /** What may wait for a poll, as for a WebSocket, with what a packet weighs in memory beside its text. */
    private static final int MOST_WAITING_BYTES = 16 * 1024 * 1024;

    private static final int PACKET_OVERHEAD_BYTES = 128;

    /** Sendings that are not proved to have arrived; more than any window of messages lets happen. */
    private static final int MOST_UNPROVED = 4_096;

    private static final String PROBE = "probe";

    // RFC 6455, section 7.4.1
    private static final int NORMAL_CLOSURE = 1000;
    private static final int PROTOCOL_ERROR = 1002;

    /** A packet that waits for a transport; the sender of a batch is to be told when its last packet has arrived. */
    private record Waiting(Packet packet, Arrivals.@Nullable Sender sender, long sequence) {}

    private final String sid;
    private final Revision revision;
    private final SocketIoSettings settings;
    private final Telemetry telemetry;
    private final Runnable onEnd;
    private final Deadlines deadlines;
    private final Arrivals arrivals = new Arrivals();
    private final Queue<Waiting> waiting = new ArrayDeque<>(0);
    private long waitingBytes;

    @SuppressWarnings("NullAway.Init") // by open, which precedes everything
    private Receiver receiver;

    private @Nullable Poll poll;

    /** The poll that was answered last, and with what; empty when the answer was a repetition. */
    private @Nullable Poll answered;

    private List<Packet> answer = List.of();
    private @Nullable WebSocketConnection socket;
    private @Nullable WebSocketConnection probe;
    private boolean posting;
    private boolean awaitsPong;
    private boolean closing;
    private boolean ended;

    /** A ping of WebSocket's is on its way, with this number; negative when none is. */
    private long pinged = -1;

    /** @param onEnd called once, when the session is over */
    EngineSession(
            String sid,
            Revision revision,
            SocketIoSettings settings,
            Telemetry telemetry,
            XnioIoThread thread,
            Runnable onEnd) {
        this.sid = sid;
        this.revision = revision;
        this.settings = settings;
        this.telemetry = telemetry;
        this.onEnd = onEnd;
        this.deadlines = new Deadlines(thread, this::alarm);
    }

    Revision revision() {
        return revision;
    }

    // ---- beginning

    /** Begins by long-polling: the handshake answers {@code first}. */
    synchronized void open(Receiver carried, Poll first) {
        first.answer(List.of(handshake(true)));
        begin(carried);
    }

    /** Begins by WebSocket. */
    synchronized void open(Receiver carried, WebSocketConnection connection) {
        socket = connection;
        connection.send(handshake(false).frame());
        begin(carried);
    }

    private Packet handshake(boolean polling) {
        ObjectNode json = Revision.READER.createObjectNode();
        json.put("sid", sid);
        if (polling) {
            json.putArray("upgrades").add("websocket");
        } else {
            json.putArray("upgrades");
        }
        json.put("pingInterval", settings.pingInterval().toMillis());
        json.put("pingTimeout", settings.pingTimeout().toMillis());
        json.put("maxPayload", settings.maxPayloadBytes());
        return Packet.open(revision.text(json));
    }

    private void begin(Receiver carried) {
        receiver = carried;
        nextHeartbeat();
        awaitIdentifier();
        receiver.opened();
    }

    /** The client is to say who it is, from now on. */
    synchronized void awaitIdentifier() {
        if (!ended) {
            deadlines.set(Kind.IDENTIFY, settings.identifyTimeout());
        }
    }

    /** It has. */
    synchronized void identified() {
        deadlines.clear(Kind.IDENTIFY);
    }

    // ---- sending

    synchronized void send(Packet packet) {
        send(List.of(packet), null, 0);
    }

    /** Sends packets behind all that was sent before; {@code sender} is told when they have arrived. */
    synchronized void send(List<Packet> packets, Arrivals.@Nullable Sender sender, long sequence) {
        if (closing || ended) {
            return;
        }
        if (socket != null) {
            write(socket, packets);
            if (sender != null) {
                arrivals.sent(sender, sequence);
                ping(socket);
                if (arrivals.unproved() > MOST_UNPROVED) {
                    violated("what is sent is not answered by pongs");
                }
            }
            return;
        }
        for (int i = 0; i < packets.size(); i++) {
            boolean last = i == packets.size() - 1;
            waiting.add(new Waiting(packets.get(i), last ? sender : null, sequence));
            waitingBytes += packets.get(i).length() + PACKET_OVERHEAD_BYTES;
        }
        answerPoll();
        if (waitingBytes > MOST_WAITING_BYTES) {
            violated("what is sent is not polled");
        }
    }

    private static void write(WebSocketConnection socket, List<Packet> packets) {
        if (packets.size() == 1) {
            socket.send(packets.get(0).frame());
        } else {
            socket.send(packets.stream().map(Packet::frame).toList());
        }
    }

    /** At most one is on its way, so that under load one answers for many messages. */
    private void ping(WebSocketConnection connection) {
        if (pinged < 0) {
            pinged = arrivals.newest();
            connection.ping(pinged);
        }
    }

    private void answerPoll() {
        if (poll != null && !waiting.isEmpty()) {
            answerPoll(takeWaiting());
        }
    }

    private void answerPoll(List<Packet> packets) {
        if (poll != null) {
            poll.answer(packets);
            answered = poll;
            answer = packets;
            poll = null;
            deadlines.clear(Kind.FLUSH_POLL);
        }
    }

    private List<Packet> takeWaiting() {
        List<Packet> packets = new ArrayList<>(waiting.size());
        for (Waiting next : waiting) {
            packets.add(next.packet());
            if (next.sender() != null) {
                arrivals.sent(next.sender(), next.sequence());
            }
        }
        waiting.clear();
        waitingBytes = 0;
        return packets;
    }

    // ---- long-polling

    /** Whether it may take a moment until it is known what {@code next} proves. */
    synchronized boolean isAmbiguous(Poll next) {
        return answered != null && !answer.isEmpty() && next.isAmbiguous(answered);
    }

    /** A GET request has come, on its I/O thread; returns whether it will be answered here. */
    synchronized boolean poll(Poll next) {
        if (ended || socket != null) {
            return false;
        }
        if (poll != null) {
            end(Packet.CLOSE, "polled twice at once");
            return false;
        }
        if (answered != null && !answer.isEmpty() && next.mayRepeat(answered)) {
            next.answer(answer);
            answered = next;
            answer = List.of(); // nobody repeats a repetition (RFC 9110, section 9.2.2)
            return true;
        }
        arrivals.proved(arrivals.newest());
        answer = List.of();
        poll = next;
        if (!waiting.isEmpty()) {
            answerPoll(); // if it is closing, the close packet comes by itself: clients drop what comes with it
        } else if (closing) {
            end(Packet.CLOSE, "closed");
        } else {
            if (probe != null) {
                deadlines.set(Kind.FLUSH_POLL, POLL_WHILE_PROBING);
            }
            next.watch(() -> aborted(next));
        }
        return true;
    }

    private synchronized void aborted(Poll gone) {
        if (poll == gone) {
            poll = null;
            end(Packet.CLOSE, "the client has dropped its poll");
        }
    }

    /** The body of a POST request is about to be read; returns whether it may be. */
    synchronized boolean beginPost() {
        if (ended || socket != null) {
            return false;
        }
        if (posting) {
            end(Packet.CLOSE, "posted twice at once");
            return false;
        }
        posting = true;
        return true;
    }

    /** The body was read; returns whether its packets are packets. */
    synchronized boolean posted(List<String> packets) {
        posting = false;
        for (String packet : packets) {
            if (ended) {
                break;
            }
            if (!received(packet)) {
                return false;
            }
        }
        return true;
    }

    /** It could not be read. */
    synchronized void postFailed() {
        violated("a body that cannot be read");
    }

    // ---- WebSocket

    /** A WebSocket for this session has come, to take over from long-polling. */
    synchronized void probe(WebSocketConnection connection) {
        if (ended || closing || socket != null || probe != null) {
            connection.close(NORMAL_CLOSURE, "this session cannot be upgraded");
            return;
        }
        probe = connection;
        deadlines.set(Kind.UPGRADE, UPGRADE_LIMIT);
        if (poll != null) {
            deadlines.set(Kind.FLUSH_POLL, POLL_WHILE_PROBING);
        }
    }

    /** A frame has come over {@code connection}. */
    synchronized void received(WebSocketConnection connection, String packet) {
        if (ended) {
            return;
        }
        if (connection == socket) {
            received(packet);
        } else if (connection == probe) {
            if (packet.equals("2" + PROBE)) {
                connection.send(Packet.pong(PROBE).frame());
                answerPoll(List.of(Packet.NOOP));
            } else if (packet.equals("5")) {
                upgrade(connection);
            } else {
                dropProbe(PROTOCOL_ERROR, "a probe or an upgrade was expected");
            }
        }
    }

    /** The session goes on without it, at once: what still comes over it does not count. */
    private void dropProbe(int code, String reason) {
        if (probe != null) {
            probe.close(code, reason);
            probe = null;
            deadlines.clear(Kind.UPGRADE);
        }
    }

    /** The client has read the answer to its last poll, and polls no more. */
    private void upgrade(WebSocketConnection connection) {
        deadlines.clear(Kind.UPGRADE);
        answerPoll(List.of(Packet.NOOP));
        arrivals.proved(arrivals.newest());
        answered = null;
        answer = List.of();
        probe = null;
        socket = connection;
        if (!waiting.isEmpty()) {
            long before = arrivals.newest();
            write(connection, takeWaiting());
            if (arrivals.newest() > before) {
                ping(connection);
            }
        }
        if (closing) {
            connection.close(NORMAL_CLOSURE, "");
        }
    }

    synchronized void pong(WebSocketConnection connection, long number) {
        if (connection == socket && number == pinged) {
            pinged = -1;
            arrivals.proved(number);
            if (arrivals.newest() > number) {
                ping(connection);
            }
        }
    }

    synchronized void socketClosed(WebSocketConnection connection) {
        if (connection == probe) {
            probe = null;
            deadlines.clear(Kind.UPGRADE);
        } else if (connection == socket) {
            end(Packet.CLOSE, "the WebSocket is closed");
        }
    }

    // ---- what the client sends

    /** Returns whether it is a packet. */
    private boolean received(String packet) {
        if (revision == Revision.V3) {
            nextHeartbeat(); // there the client pings, and whatever it sends shows that it lives
        }
        char type = packet.isEmpty() ? '?' : packet.charAt(0);
        if (type == '4') {
            if (!closing) {
                receiver.message(packet.substring(1));
            }
        } else if (type == '1') {
            end(Packet.NOOP, "closed by the client");
        } else if (type == '2' && revision == Revision.V3) {
            send(Packet.pong(packet.substring(1)));
        } else if (type == '3' && revision == Revision.V4) {
            awaitsPong = false;
            nextHeartbeat();
        } else if (type != '6') {
            violated(type == 'b' ? "binary messages are not accepted" : "not a packet that a client sends");
            return false;
        }
        return true;
    }

    /** The client has broken the protocol. */
    synchronized void violated(String how) {
        if (!ended) {
            telemetry.count(Event.PROTOCOL_VIOLATION);
            end(Packet.CLOSE, how);
        }
    }

    // ---- time

    private void nextHeartbeat() {
        deadlines.set(
                Kind.HEARTBEAT,
                revision == Revision.V4
                        ? settings.pingInterval()
                        : settings.pingInterval().plus(settings.pingTimeout()));
    }

    private synchronized void alarm() {
        if (!ended) {
            deadlines.fire(this::due);
        }
    }

    private void due(Kind kind) {
        if (ended) {
            return;
        }
        switch (kind) {
            case HEARTBEAT -> heartbeat();
            case IDENTIFY -> receiver.identifyTimeIsUp();
            case UPGRADE -> dropProbe(NORMAL_CLOSURE, "the upgrade has taken too long");
            case FLUSH_POLL -> answerPoll(List.of(Packet.NOOP));
            case CLOSE -> end(Packet.CLOSE, "closed");
        }
    }

    private void heartbeat() {
        if (revision == Revision.V4 && !awaitsPong) {
            awaitsPong = true;
            deadlines.set(Kind.HEARTBEAT, settings.pingTimeout());
            send(Packet.PING);
        } else {
            telemetry.count(Event.PING_TIMEOUT);
            end(Packet.CLOSE, "ping timeout");
        }
    }

    // ---- the end

    /**
     * Ends the session behind all that was sent before.
     *
     * @param code the close code, if it is a WebSocket by now
     */
    synchronized void close(int code, String reason) {
        if (closing || ended) {
            return;
        }
        closing = true;
        if (socket != null) {
            socket.close(code, reason);
            return;
        }
        if (poll == null) {
            deadlines.set(Kind.CLOSE, settings.pingTimeout());
        } else {
            end(Packet.CLOSE, reason);
        }
    }

    private void end(Packet toPoll, String reason) {
        if (ended) {
            return;
        }
        ended = true;
        deadlines.clearAll();
        answerPoll(List.of(toPoll));
        waiting.clear();
        if (probe != null) {
            probe.close(NORMAL_CLOSURE, reason);
        }
        if (socket != null) {
            socket.close(NORMAL_CLOSURE, reason);
        }
        onEnd.run();
        receiver.ended();
    }
}

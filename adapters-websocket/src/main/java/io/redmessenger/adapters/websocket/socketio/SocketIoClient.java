package io.redmessenger.adapters.websocket.socketio;

import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Socket.IO over one session of Engine.IO: which namespaces the client is connected to, and what it says there. Revision 5
 * (clients 3.x, 4.x) connects to each namespace; before, {@code /} was always connected.
 *
 * @see <a href="https://socket.io/docs/v4/socket-io-protocol/">The Socket.IO protocol</a>
 */
final class SocketIoClient implements EngineSession.Receiver {

    private static final String ROOT = "/";
    private static final int POLICY_VIOLATION = 1008;
    private static final String INVALID_NAMESPACE = "Invalid namespace";

    private final SocketIoConnection.Node node;
    private final SocketIoSettings settings;
    private final Admission admission;
    private final Supplier<String> ids;
    private final RateLimitedLog warnings;
    private final EngineSession engine;

    private boolean rootConnected;
    private @Nullable SocketIoConnection route;

    SocketIoClient(
            SocketIoConnection.Node node,
            SocketIoSettings settings,
            Admission admission,
            Supplier<String> ids,
            RateLimitedLog warnings,
            EngineSession engine) {
        this.node = node;
        this.settings = settings;
        this.admission = admission;
        this.ids = ids;
        this.warnings = warnings;
        this.engine = engine;
    }

    private boolean isOld() {
        return engine.revision() == Revision.V3;
    }

    @Override
    public void opened() {
        if (isOld()) {
            rootConnected = true;
            engine.send(Packet.message("0"));
        }
    }

    @Override
    public void message(String text) {
        try {
            SocketPacket packet = SocketPacket.parse(text);
            switch (packet.type()) {
                case CONNECT -> connect(packet);
                case DISCONNECT -> disconnect(packet.namespace());
                case EVENT -> event(packet);
                default -> {} // acknowledgements, for which we never ask
            }
        } catch (IllegalArgumentException e) {
            violated(String.valueOf(e.getMessage()));
        }
    }

    private void violated(String how) {
        warnings.warn("a Socket.IO client broke the protocol and is closed", how);
        engine.violated(how);
    }

    private void connect(SocketPacket packet) {
        String namespace = packet.namespace();
        if (namespace.equals(node.namespace())) {
            connectRoute(packet);
        } else if (!namespace.equals(ROOT)) {
            String error = isOld() ? "\"" + INVALID_NAMESPACE + "\"" : "{\"message\":\"" + INVALID_NAMESPACE + "\"}";
            engine.send(Packet.message("4" + namespace + "," + error));
        } else if (!rootConnected) {
            rootConnected = true;
            engine.send(Packet.message("0{\"sid\":\"" + ids.get() + "\"}"));
        } else if (!isOld()) {
            throw new IllegalArgumentException("connected to this namespace already");
        }
    }

    private void connectRoute(SocketPacket packet) {
        SocketIoConnection before = route;
        if (before != null && !before.isGone()) {
            if (isOld()) {
                return;
            }
            throw new IllegalArgumentException("connected to this namespace already");
        }
        SocketIoConnection next = new SocketIoConnection(node, engine, ids.get(), admission.nextId());
        route = next;
        next.connected(packet.data());
    }

    private void disconnect(String namespace) {
        if (namespace.equals(ROOT)) {
            rootConnected = false;
        } else if (namespace.equals(node.namespace()) && route != null) {
            route.leave();
            route = null;
            engine.awaitIdentifier();
        }
    }

    private void event(SocketPacket packet) {
        SocketIoConnection socket = route;
        if (packet.namespace().equals(node.namespace()) && socket != null) {
            if (!socket.isGone()) {
                socket.event(packet.data(), packet.id());
            }
        } else if (!isOld() && !(packet.namespace().equals(ROOT) && rootConnected)) {
            throw new IllegalArgumentException("not connected to this namespace");
        }
    }

    @Override
    public void identifyTimeIsUp() {
        node.telemetry().count(Event.IDENTIFY_TIMEOUT);
        String problem = "no identifier within " + settings.identifyTimeout().toMillis() + " ms";
        if (route != null && !route.isGone()) {
            route.identifyTimeIsUp(problem);
        }
        engine.close(POLICY_VIOLATION, problem);
    }

    @Override
    public void ended() {
        if (route != null) {
            route.leave();
        }
    }
}

package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.OneSession;
import io.redmessenger.adapters.websocket.frame.WebSocketSettings;
import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.ConnectionPortContract;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Socket.IO as a connection, by either transport. */
abstract class SocketIoConnectionContract implements ConnectionPortContract {

    private final List<String> packets = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final OneSession session = new OneSession();
    private final Admission admission = new Admission(10);
    private final Undertow server = Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(new SocketIoEndpoint(
                    session,
                    admission,
                    new CountingTelemetry(),
                    new SocketIoSettings(
                            "/rm", Duration.ofSeconds(30), Duration.ofSeconds(25), Duration.ofSeconds(2), 65_536),
                    WebSocketSettings.defaults()))
            .build();

    /** Connects to the namespace as the user ann, and hands everything over that comes. */
    abstract void connectTo(int port);

    @BeforeEach
    void connect() {
        server.start();
        connectTo(((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort());
        connection();
    }

    /** A packet has come. */
    void came(String packet) {
        packets.add(packet);
        if (packet.equals("1") || packet.equals("41/rm,") || packet.startsWith("44/rm,")) {
            closed.complete(null);
        }
    }

    /** The transport has ended. */
    void ended() {
        closed.complete(null);
    }

    @AfterEach
    void stop() {
        cutOff();
        server.stop();
        assertThat(session.named()).as("a Socket.IO client names no message").isEmpty();
        assertThat(session.written()).as("what is written proves nothing").isEmpty();
    }

    @Override
    public ConnectionPort connection() {
        return session.connection();
    }

    @Override
    public List<String> arrived() {
        synchronized (packets) {
            return packets.stream()
                    .filter(packet -> packet.startsWith("42/rm,[\"message\","))
                    .map(packet ->
                            Client.json(packet.substring(6)).at("/1/payload").textValue())
                    .toList();
        }
    }

    @Override
    public boolean isClosedForClient() {
        return closed.isDone();
    }

    // ---- beyond the contract: what this transport reports

    @Test
    void whatArrivedShouldBeAcknowledged() {
        deliverShouldKeepOrderOverBatchesOfAnySize();
        Await.until("all is acknowledged", () -> session.acknowledged().contains(600L));
    }

    @Test
    void theEndShouldBeReportedAndItsPlaceFree() {
        connection().opened(0);
        Await.until("it is in", () -> admission.live() == 1);
        cutOff();
        connection().close(CloseReason.GOING_AWAY);
        Await.until("its place is free", () -> admission.live() == 0);
        assertThat(session.ends()).isPositive();
        connection().close(CloseReason.GOING_AWAY);
        connection().opened(0);
        assertThat(admission.live()).isZero();
    }
}

package io.redmessenger.adapters.websocket.sse;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.EventSourceClient;
import io.redmessenger.adapters.websocket.EventSourceClient.Event;
import io.redmessenger.adapters.websocket.OneSession;
import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.ConnectionPortContract;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.undertow.Undertow;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An event stream as a connection, seen by a client on a raw socket. */
class SseConnectionContractIT implements ConnectionPortContract {

    private final List<String> arrived = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final OneSession session = new OneSession();
    private final Admission admission = new Admission(10);
    private final Undertow server = Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(new SseEndpoint(
                    session,
                    admission,
                    new CountingTelemetry(),
                    new SseSettings(Duration.ofSeconds(25), Duration.ofSeconds(20))))
            .build();
    private @Nullable EventSourceClient client;
    private @Nullable Thread reader;

    @BeforeEach
    void connect() throws IOException {
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        EventSourceClient opened = new EventSourceClient(port);
        client = opened;
        opened.send("GET /?uid=ann HTTP/1.1\r\nHost: x\r\n\r\n");
        reader = new Thread(() -> listen(opened));
        reader.start();
        connection();
    }

    private void listen(EventSourceClient opened) {
        try {
            opened.readHead();
            while (opened.status() == 200) {
                Event event = opened.next();
                if (event.type().equals("message")) {
                    arrived.add(event.json().path("payload").textValue());
                }
            }
            closed.complete(opened.status());
        } catch (EOFException | SocketException e) {
            closed.complete(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        cutOff();
        server.stop();
        if (reader != null) {
            reader.join(Await.LIMIT.toMillis());
        }
    }

    @Override
    public ConnectionPort connection() {
        return session.connection();
    }

    @Override
    public List<String> arrived() {
        return List.copyOf(arrived);
    }

    @Override
    public boolean isClosedForClient() {
        return closed.isDone();
    }

    @Override
    public void cutOff() {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- beyond the contract: what this transport reports

    @Test
    void whatTheNetworkTookShouldBeReportedAndNotAcknowledged() {
        deliverShouldKeepOrderOverBatchesOfAnySize();
        Await.until("all is written", () -> session.written().contains(600L));
        assertThat(session.acknowledged()).isEmpty();
        assertThat(session.named()).isEmpty();
    }

    @Test
    void theEndShouldBeReportedOnceWhoeverEndsIt() {
        connection().opened(0);
        Await.until("it is in", () -> admission.live() == 1);
        cutOff();
        connection().close(CloseReason.GOING_AWAY);
        Await.until("its place is free", () -> admission.live() == 0);
        Await.until("the end is reported", () -> session.ends() > 0);
        connection().close(CloseReason.GOING_AWAY);
        connection().opened(0);
        assertThat(session.ends()).isEqualTo(1);
        assertThat(admission.live()).isZero();
    }
}

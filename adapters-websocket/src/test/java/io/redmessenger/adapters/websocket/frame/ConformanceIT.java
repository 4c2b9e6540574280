package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every {@link WireCase} over a socket: the answers, the orderly end of the stream, and the one end that the listener sees. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceIT {
    private final Recorders recorders = new Recorders(Recorder.Echo::new);
    private WebSocketServer server;

    @BeforeAll
    void start() {
        server = WebSocketServer.start(
                WebSocketSettings.defaults().withMaxMessageBytes(WireCase.MAX_MESSAGE_BYTES), recorders);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static List<WireCase> cases() {
        return WireCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void serverShouldAnswerAtOnce(WireCase wire) throws Exception {
        check(wire, wire.sent().length);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void serverShouldAnswerWhatComesInPieces(WireCase wire) throws Exception {
        check(wire, Math.max(7, wire.sent().length / 50));
    }

    private void check(WireCase wire, int pieces) throws Exception {
        byte[] sent = wire.sent();
        try (RawClient client = RawClient.open(server)) {
            for (int from = 0; from < sent.length; from += pieces) {
                client.send(sent, from, Math.min(from + pieces, sent.length));
            }

            assertThat(client.readAll()).isEqualTo(wire.answers());
        }
        Recorder recorder = recorders.next();
        assertThat(recorder.next()).isEqualTo("opened");
        assertThat(recorder.next())
                .startsWith(wire.answers().get(wire.answers().size() - 1).replace("close", "closed"));
        assertThat(recorder.await().unsentBytes()).isZero();
        assertThat(recorder.events.poll(1, TimeUnit.MILLISECONDS)).isNull();
    }
}

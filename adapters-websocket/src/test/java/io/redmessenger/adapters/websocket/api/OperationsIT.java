package io.redmessenger.adapters.websocket.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationsIT {

    private final TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void readyShouldFollowTheStoreAndLiveShouldNot() {
        assertThat(server.request("GET", "/health/ready").statusCode()).isEqualTo(200);
        server.signals.disconnect();
        HttpResponse<String> ready = server.request("GET", "/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(Client.json(ready.body()).path("status").asText()).isEqualTo("store unavailable");
        HttpResponse<String> live = server.request("GET", "/health/live");
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(Client.json(live.body()).path("status").asText()).isEqualTo("up");
        server.signals.reconnect();
        assertThat(server.request("GET", "/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsShouldCountWhatHappens() {
        assertThat(server.request("GET", "/metrics").headers().firstValue("Content-Type"))
                .contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(server.metric("redmessenger_connections")).isZero();
        Client client = server.connect().send("ann");
        server.awaitIdentified(1);
        assertThat(server.metric("redmessenger_connections")).isEqualTo(1);
        server.publish("ann", "p1");
        client.await(1);
        server.awaitNothingWaiting("ann");
        assertThat(server.metric("redmessenger_stored_total")).isEqualTo(1);
        assertThat(server.metric("redmessenger_offered_total")).isEqualTo(1);
        assertThat(server.metric("redmessenger_acknowledged_total")).isEqualTo(1);
        client.leave();
        Await.until("it has left", () -> server.metric("redmessenger_connections") == 0);
    }

    @ParameterizedTest
    @EnumSource
    void everyEventShouldHaveItsCounterFromTheStart(Event event) {
        assertThat(server.metric("redmessenger_" + event.name().toLowerCase(Locale.ROOT) + "_total"))
                .isZero();
    }
}

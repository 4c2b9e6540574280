package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

    private static final long SECOND = 1_000_000_000L;

    private final Deliveries deliveries = new Deliveries(SECOND);

    @Test
    void recordShouldCountLatencyFromWhenTheMessageWasDue() throws IOException {
        record("{\"id\":\"1\",\"payload\":\"" + Deliveries.payload(2 * SECOND, 128) + "\"}", 2 * SECOND + 7_000_000);

        assertThat(deliveries.latencies().getMaxValue()).isBetween(6_990L, 7_010L);
        assertThat(deliveries.measured()).isEqualTo(1);
    }

    @Test
    void recordShouldLeaveWarmUpOutOfWhatIsMeasured() throws IOException {
        record("{\"id\":\"1\",\"payload\":\"" + Deliveries.payload(0, 20) + "\"}", 5 * SECOND);

        assertThat(deliveries.all()).isEqualTo(1);
        assertThat(deliveries.measured()).isZero();
        assertThat(deliveries.latencies().getTotalCount()).isZero();
    }

    @Test
    void recordShouldCountWhatIsMarkedAsRedelivered() throws IOException {
        record("{\"id\":\"1\",\"redelivered\":true,\"payload\":\"5 \"}", 10);
        record("{\"id\":\"1\",\"payload\":\"5 \"redelivered\":true\"}", 10);

        assertThat(deliveries.redelivered()).isEqualTo(1);
    }

    @Test
    void recordShouldFailWhenThereIsNoPayload() {
        assertThatThrownBy(() -> record("{}", 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("{}");
    }

    @Test
    void payloadShouldHaveItsSize() {
        assertThat(Deliveries.payload(0, 128)).hasSize(128);
        assertThat(Deliveries.payload(Long.MAX_VALUE, 20)).hasSize(20);
    }

    private void record(String json, long now) throws IOException {
        byte[] bytes = ("frame" + json).getBytes(UTF_8);
        deliveries.record(bytes, "frame".length(), bytes.length - "frame".length(), now);
    }
}

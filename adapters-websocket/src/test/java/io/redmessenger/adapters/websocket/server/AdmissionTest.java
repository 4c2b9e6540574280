package io.redmessenger.adapters.websocket.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.domain.connection.ConnectionId;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private final Admission admission = new Admission(2);

    @Test
    void enterShouldTakePlacesUpToTheLimit() {
        assertThat(admission.enter()).isTrue();
        assertThat(admission.hasRoom()).isTrue();
        assertThat(admission.enter()).isTrue();
        assertThat(admission.hasRoom()).isFalse();
        assertThat(admission.enter()).isFalse();
        assertThat(admission.live()).isEqualTo(2);
        admission.leave();
        assertThat(admission.hasRoom()).isTrue();
        assertThat(admission.enter()).isTrue();
    }

    @Test
    void nobodyShouldGetInOnceClosed() {
        admission.enter();
        admission.close();
        assertThat(admission.hasRoom()).isFalse();
        assertThat(admission.enter()).isFalse();
        assertThat(admission.live()).isEqualTo(1);
        admission.leave();
        assertThat(admission.live()).isZero();
    }

    @Test
    void enterShouldKeepTheLimitAmongThreads() {
        Admission many = new Admission(100);
        long entered =
                IntStream.range(0, 10_000).parallel().filter(i -> many.enter()).count();
        assertThat(entered).isEqualTo(100);
        assertThat(many.live()).isEqualTo(100);
    }

    @Test
    void nextIdShouldCountUp() {
        assertThat(admission.nextId()).isEqualTo(new ConnectionId(1));
        assertThat(admission.nextId()).isEqualTo(new ConnectionId(2));
    }
}

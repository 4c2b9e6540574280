package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanesTest {

    @Test
    void aUserShouldKeepItsLaneAndItsOrder() {
        UserId ann = new UserId("ann");
        List<Integer> order = new CopyOnWriteArrayList<>();
        try (Lanes lanes = Lanes.ofThreads(4)) {
            IntStream.range(0, 500).forEach(i -> lanes.of(ann).execute(() -> order.add(i)));
        }
        Await.until("what was queued is run", () -> order.size() == 500);
        assertThat(order).isSorted();
    }

    @Test
    void usersShouldBeDealtOutToAllLanes() {
        try (Lanes lanes = Lanes.ofThreads(4)) {
            int[] users = new int[lanes.count()];
            IntStream.range(0, 400).forEach(i -> users[lanes.indexOf(new UserId("user" + i))]++);
            assertThat(users).hasSize(4).doesNotContain(0);
            assertThat(lanes.of(new UserId("x"))).isSameAs(lanes.lane(lanes.indexOf(new UserId("x"))));
        }
    }
}

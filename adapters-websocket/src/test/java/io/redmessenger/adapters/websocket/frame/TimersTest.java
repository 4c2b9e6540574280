package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimersTest {
    private static final long MILLISECOND = 1_000_000;

    private long now = 123_456_789;
    private long alarmAt = Long.MAX_VALUE;
    private int alarmsSet;
    private final List<String> fired = new ArrayList<>();
    private final Timers timers = new Timers(() -> now, delay -> {
        alarmAt = now + delay;
        alarmsSet++;
    });

    @Test
    void timersShouldFireInTheOrderOfTheirDeadlinesAndNotEarly() {
        timer("c", 30);
        timer("a", 10);
        timer("b", 20);

        advance(9);
        assertThat(fired).isEmpty();
        advance(2);
        assertThat(fired).containsExactly("a");
        advance(30);
        assertThat(fired).containsExactly("a", "b", "c");
    }

    @Test
    void nothingShouldBeArmedWhenThereIsNoTimer() {
        assertThat(alarmsSet).isZero();
        timer("a", 10);
        advance(11);

        assertThat(fired).containsExactly("a");
        assertThat(alarmAt).isEqualTo(Long.MAX_VALUE);
        assertThat(alarmsSet).isEqualTo(1);
    }

    @Test
    void cancelShouldKeepTheTaskFromRunning() {
        Timer a = timer("a", 10);
        timer("b", 20);

        a.cancel();
        a.cancel();
        advance(50);

        assertThat(a.isArmed()).isFalse();
        assertThat(fired).containsExactly("b");
    }

    @Test
    void restartShouldMoveTheDeadlineEitherWay() {
        Timer a = timer("a", 10);
        Timer b = timer("b", 20);

        a.restart(Duration.ofMillis(40));
        b.restart(Duration.ofMillis(5));
        advance(6);
        assertThat(fired).containsExactly("b");
        advance(33);
        assertThat(fired).containsExactly("b");
        advance(2);
        assertThat(fired).containsExactly("b", "a");
    }

    @Test
    void aTaskShouldBeAbleToArmItsOwnTimerAgain() {
        List<Timer> self = new ArrayList<>();
        self.add(new Timer(timers, null, () -> {
            fired.add("tick");
            self.get(0).restart(Duration.ofMillis(10));
        }));
        self.get(0).restart(Duration.ofMillis(10));

        advance(11);
        advance(11);
        advance(11);

        assertThat(fired).hasSize(3);
    }

    @Test
    void laterTimersShouldNotTouchTheAlarm() {
        timer("first", 1);
        for (int i = 0; i < 1000; i++) {
            timer("later", 1000 + i);
        }

        assertThat(alarmsSet).isEqualTo(1);
        advance(3000);
        assertThat(fired).hasSize(1001);
    }

    @Test
    void randomOperationsShouldFireLikeASortedList() {
        Random random = new Random(3);
        int[] due = new int[200];
        Timer[] all = new Timer[due.length];
        int[] count = new int[due.length];
        int clock = 0;
        int expected = 0;
        for (int i = 0; i < all.length; i++) {
            int index = i;
            all[i] = new Timer(timers, null, () -> count[index]++);
            due[i] = -1;
        }
        for (int step = 0; step < 20_000; step++) {
            int i = random.nextInt(all.length);
            switch (random.nextInt(3)) {
                case 0 -> {
                    all[i].cancel();
                    due[i] = -1;
                }
                case 1 -> {
                    int delay = 1 + random.nextInt(100);
                    all[i].restart(Duration.ofMillis(delay));
                    due[i] = clock + delay;
                }
                default -> {
                    int by = random.nextInt(3);
                    clock += by;
                    now += by * MILLISECOND;
                    timers.run();
                    for (int k = 0; k < due.length; k++) {
                        // deadlines are rounded up to a millisecond of the timers' own clock, which began at a multiple
                        if (due[k] >= 0 && due[k] <= clock) {
                            expected++;
                            due[k] = -1;
                        }
                    }
                    assertThat(Arrays.stream(count).sum()).isEqualTo(expected);
                }
            }
            assertThat(all[i].isArmed()).isEqualTo(due[i] >= 0);
        }
        assertThat(expected).isPositive();
    }

    private Timer timer(String name, int millis) {
        Timer timer = new Timer(timers, null, () -> fired.add(name));
        timer.restart(Duration.ofMillis(millis));
        return timer;
    }

    /** Lets time pass, waking the timers up whenever they have asked for it. */
    private void advance(int millis) {
        long end = now + millis * MILLISECOND;
        while (alarmAt <= end) {
            now = alarmAt;
            alarmAt = Long.MAX_VALUE;
            timers.run();
        }
        now = end;
    }
}

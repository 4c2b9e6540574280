package io.redmessenger.domain.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowTest {

    private final Window window = new Window();

    private void offer(int count, int length) {
        for (int i = 0; i < count; i++) {
            window.offered(length);
        }
    }

    @Test
    void roomShouldBeSmallAtFirstAndShrinkWithEveryOffer() {
        assertThat(window.room()).isEqualTo(Window.INITIAL).isEqualTo(4);
        offer(3, 1);
        assertThat(window.room()).isEqualTo(1);
        offer(1, 1);
        assertThat(window.room()).isZero();
    }

    @Test
    void promptAcknowledgementsShouldGrowIt() {
        offer(4, 1);
        window.acknowledged(4, 4, 1_000);
        assertThat(window.room()).isEqualTo(8);
        offer(8, 1);
        window.acknowledged(2, 2, 0);
        assertThat(window.size()).isEqualTo(10);
        assertThat(window.room()).isEqualTo(4);
    }

    @Test
    void itShouldNotGrowBeyondTheLargest() {
        for (int i = 0; i < 20; i++) {
            int room = window.room();
            offer(room, 1);
            window.acknowledged(room, room, 1);
        }
        assertThat(window.room()).isEqualTo(Window.LARGEST);
    }

    @Test
    void unhurriedAcknowledgementsShouldLeaveItAsItIs() {
        offer(4, 1);
        window.acknowledged(2, 2, 1_001);
        window.acknowledged(2, 2, 3_999);
        assertThat(window.size()).isEqualTo(4);
    }

    @Test
    void slowAcknowledgementsShouldShrinkItToWhatIsTakenInTwoSeconds() {
        for (int i = 0; i < 4; i++) {
            int room = window.room();
            offer(room, 1);
            window.acknowledged(room, room, 1);
        }
        assertThat(window.size()).isEqualTo(64);
        offer(64, 1);
        window.acknowledged(40, 40, 8_000);
        assertThat(window.size()).isEqualTo(10);
        assertThat(window.room()).isZero(); // 24 are on their way still
        window.acknowledged(24, 24, 3_000);
        assertThat(window.room()).isEqualTo(10);
    }

    @Test
    void itShouldNeverShrinkBelowOneNorGrowBySlowness() {
        offer(1, 1);
        window.acknowledged(1, 1, 60_000);
        assertThat(window.size()).isEqualTo(1);
        offer(1, 1);
        window.acknowledged(1, 1, Long.MAX_VALUE);
        assertThat(window.room()).isEqualTo(1);
    }

    @Test
    void charactersShouldBoundItToo() {
        window.offered(Window.LARGEST_CHARACTERS - 1);
        assertThat(window.room()).isEqualTo(3);
        window.offered(1);
        assertThat(window.room()).isZero();
        window.acknowledged(1, Window.LARGEST_CHARACTERS - 1, 2_000);
        assertThat(window.room()).isEqualTo(3);
    }

    @Test
    void aSingleLargerMessageShouldGoAlone() {
        assertThat(window.room()).isPositive();
        window.offered(Window.LARGEST_CHARACTERS * 2);
        assertThat(window.room()).isZero();
        window.acknowledged(1, Window.LARGEST_CHARACTERS * 2, 2_000);
        assertThat(window.room()).isEqualTo(4);
    }

    @Test
    void resetShouldForgetWhatIsOnItsWayAndKeepTheSize() {
        offer(4, Window.LARGEST_CHARACTERS);
        window.acknowledged(2, 2 * Window.LARGEST_CHARACTERS, 1);
        window.reset();
        assertThat(window.room()).isEqualTo(6);
    }
}

package io.redmessenger.domain.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ViewTest {

    private static final long NOW = 1_000_000;
    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofSeconds(60), 1000);

    private final View view = new View();

    private static MessageId id(long position) {
        return new MessageId("m" + position);
    }

    private static Delivery.Queued queued(long position) {
        return queued(position, NOW);
    }

    private static Delivery.Queued queued(long position, long timestamp) {
        return new Delivery.Queued(
                position, new Message(id(position), "rm.users.ann", timestamp, new Payload("p" + position)));
    }

    private static Delivery.Queued expired(long position) {
        return queued(position, NOW - 60_000);
    }

    private static Page page(long first, long lastOfPage, long last) {
        return new Page(
                LongStream.rangeClosed(first, lastOfPage)
                        .mapToObj(ViewTest::queued)
                        .toList(),
                last,
                0);
    }

    private static List<Long> positions(List<? extends Delivery> deliveries) {
        return deliveries.stream().map(Delivery::position).toList();
    }

    private View.Reading read(Page page) {
        return view.read(page, POLICY, NOW);
    }

    @Test
    void anEmptyInboxShouldMakeALiveView() {
        view.begin(1, 0, 0, 0);
        assertThat(view.wantsPage()).isFalse();
        assertThat(view.next()).isEqualTo(1);
        assertThat(view.offeredThrough()).isZero();
        assertThat(view.done()).isEmpty();
    }

    @Test
    void aLiveViewShouldOfferWhatIsAppended() {
        view.begin(1, 0, 0, 0);
        assertThat(view.appended(queued(1), NOW))
                .contains(new Delivery.Offered(1, queued(1).message(), 1, false, NOW));
        assertThat(view.appended(queued(2), NOW + 5))
                .contains(new Delivery.Offered(2, queued(2).message(), 2, false, NOW + 5));
        assertThat(view.offeredThrough()).isEqualTo(2);
        assertThat(view.wantsPage()).isFalse();
    }

    @Test
    void appendedShouldIgnoreWhatTheViewHasHad() {
        view.begin(1, 0, 0, 0);
        view.appended(queued(1), NOW);
        assertThat(view.appended(queued(1), NOW)).isEmpty();
        assertThat(view.wantsPage()).isFalse();
    }

    @Test
    void aBacklogShouldBeReadBeforeAnythingIsOfferedLive() {
        view.begin(1, 2, 0, 0);
        assertThat(view.wantsPage()).isTrue();
        assertThat(view.appended(queued(3), NOW)).isEmpty();
        assertThat(view.startReading()).isEqualTo(4);
        assertThat(view.wantsPage()).isFalse();
        assertThat(positions(read(page(1, 3, 3)).offers())).containsExactly(1L, 2L, 3L);
        assertThat(view.appended(queued(4), NOW)).isPresent();
    }

    @Test
    void aGapShouldPutTheViewBehindUntilItHasRead() {
        view.begin(1, 0, 0, 0);
        assertThat(view.appended(queued(2), NOW)).isEmpty();
        assertThat(view.wantsPage()).isTrue();
        view.startReading();
        assertThat(positions(read(page(1, 2, 2)).offers())).containsExactly(1L, 2L);
        assertThat(view.appended(queued(3), NOW)).isPresent();
    }

    @Test
    void heardOfShouldPutTheViewBehind() {
        view.begin(1, 0, 0, 0);
        view.heardOf(0);
        assertThat(view.wantsPage()).isFalse();
        view.heardOf(3);
        assertThat(view.wantsPage()).isTrue();
        view.heardOf(1);
        view.startReading();
        read(page(1, 1, 1));
        assertThat(view.wantsPage()).as("3 is known to exist").isTrue();
    }

    @Test
    void aFullWindowShouldPutTheViewBehind() {
        view.begin(1, 0, 0, 0);
        for (long p = 1; p <= 4; p++) {
            assertThat(view.appended(queued(p), NOW)).isPresent();
        }
        assertThat(view.appended(queued(5), NOW)).isEmpty();
        assertThat(view.wantsPage()).as("no room yet").isFalse();
        view.acknowledge(1, NOW);
        assertThat(view.wantsPage()).isTrue();
        view.startReading();
        assertThat(positions(read(page(5, 5, 5)).offers())).containsExactly(5L);
        assertThat(view.wantsPage()).isFalse();
    }

    @Test
    void whatIsAppendedWhileReadingShouldNotBeOfferedTwice() {
        view.begin(1, 1, 0, 0);
        view.startReading();
        assertThat(view.appended(queued(2), NOW)).isEmpty();
        assertThat(positions(read(page(1, 2, 2)).offers())).containsExactly(1L, 2L);
        assertThat(view.appended(queued(2), NOW)).isEmpty();
        assertThat(view.wantsPage()).isFalse();
    }

    @Test
    void whatIsAppendedWhileReadingAndNotInThePageShouldBeReadNext() {
        view.begin(1, 1, 0, 0);
        view.startReading();
        assertThat(view.appended(queued(2), NOW)).isEmpty();
        assertThat(positions(read(page(1, 1, 1)).offers())).containsExactly(1L);
        assertThat(view.wantsPage()).isTrue();
        assertThat(view.next()).isEqualTo(2);
    }

    @Test
    void aPageBeyondTheWindowShouldBeCutAndReadAgain() {
        view.begin(1, 6, 0, 0);
        view.startReading();
        assertThat(positions(read(page(1, 6, 6)).offers())).containsExactly(1L, 2L, 3L, 4L);
        assertThat(view.next()).isEqualTo(5);
        assertThat(view.wantsPage()).isFalse();
        view.acknowledge(4, NOW);
        view.startReading();
        assertThat(positions(read(page(5, 6, 6)).offers())).containsExactly(5L, 6L);
    }

    @Test
    void aPageThatBeginsBeforeNextShouldNotRepeat() {
        view.begin(1, 3, 0, 0);
        view.startReading();
        read(page(1, 2, 3));
        view.startReading();
        assertThat(positions(read(page(1, 3, 3)).offers())).containsExactly(3L);
    }

    @Test
    void readingFailedShouldLeaveThePlaceAndWantThePageAgain() {
        view.begin(1, 2, 0, 0);
        view.startReading();
        view.readingFailed();
        assertThat(view.wantsPage()).isTrue();
        assertThat(view.next()).isEqualTo(1);
    }

    @Test
    void anEmptyPageShouldMakeTheViewLiveBehindTheLast() {
        view.begin(1, 5, 0, 0);
        view.startReading();
        View.Reading reading = read(new Page(List.of(), 5, 0));
        assertThat(reading.offers()).isEmpty();
        assertThat(reading.missed()).as("removed, not dropped").isZero();
        assertThat(view.wantsPage()).isFalse();
        assertThat(view.appended(queued(6), NOW)).isPresent();
    }

    @Test
    void anEmptyPageOfAnInboxThatWasRewoundShouldNotGoBack() {
        view.begin(10, 10, 0, 0);
        view.startReading();
        read(new Page(List.of(), 3, 0));
        assertThat(view.next()).isEqualTo(10);
    }

    @Test
    void missedShouldCountWhatTheLimitHasPushedOutBeforeTheView() {
        view.begin(1, 3, 0, 7);
        view.startReading();
        View.Reading reading = read(new Page(List.of(queued(3)), 3, 9));
        assertThat(reading.missed()).isEqualTo(2);
        assertThat(positions(reading.offers())).containsExactly(3L);
        view.heardOf(6);
        view.startReading();
        assertThat(read(new Page(List.of(queued(5), queued(6)), 6, 10)).missed())
                .as("those 2 were told of")
                .isEqualTo(1);
    }

    @Test
    void missedShouldNotCountDroppedMessagesThatWereOffered() {
        view.begin(1, 3, 0, 0);
        view.startReading();
        read(page(1, 3, 3));
        view.acknowledge(1, NOW);
        view.heardOf(4);
        view.startReading();
        assertThat(read(new Page(List.of(queued(4)), 4, 3)).missed()).isZero();
    }

    @Test
    void missedShouldNotCountGapsThatTheLimitDidNotMake() {
        view.begin(1, 3, 0, 0);
        view.startReading();
        View.Reading reading = read(new Page(List.of(queued(3)), 3, 0));
        assertThat(reading.missed()).isZero();
        assertThat(positions(reading.offers())).containsExactly(3L);
    }

    @Test
    void missedShouldCountWhenNothingIsLeft() {
        view.begin(1, 3, 0, 0);
        view.startReading();
        assertThat(read(new Page(List.of(), 3, 3)).missed()).isEqualTo(3);
    }

    @Test
    void expiredMessagesShouldBeSkippedCountedAndDone() {
        view.begin(1, 3, 0, 0);
        view.startReading();
        View.Reading reading = read(new Page(List.of(expired(1), expired(2), queued(3)), 3, 0));
        assertThat(reading.expired()).isEqualTo(2);
        assertThat(positions(reading.offers())).containsExactly(3L);
        assertThat(reading.offers().get(0).sequence()).isEqualTo(1);
        assertThat(view.done()).contains(new Mark(2, id(2)));
    }

    @Test
    void expiredMessagesInBetweenShouldBeDoneWithWhatIsBeforeThem() {
        view.begin(1, 5, 0, 0);
        view.startReading();
        View.Reading reading = read(new Page(List.of(queued(1), expired(2), queued(3), expired(4), expired(5)), 5, 0));
        assertThat(positions(reading.offers())).containsExactly(1L, 3L);
        assertThat(reading.expired()).isEqualTo(3);
        assertThat(view.done()).isEmpty();
        assertThat(view.offeredThrough()).isEqualTo(5);
        assertThat(positions(view.acknowledge(1, NOW))).containsExactly(1L);
        assertThat(view.done()).contains(new Mark(2, id(2)));
        assertThat(positions(view.acknowledge(2, NOW))).containsExactly(3L);
        assertThat(view.done()).contains(new Mark(5, id(5)));
    }

    @Test
    void expiredMessagesShouldNotBeDoneWithWhatWasOnlyWrittenBefore() {
        view.begin(1, 0, 0, 0);
        assertThat(view.appended(queued(1), NOW)).isPresent();
        view.written(1);
        assertThat(read(new Page(List.of(expired(2)), 2, 0)).expired()).isEqualTo(1);
        assertThat(view.done()).isEmpty();
        view.written(1);
        assertThat(view.done()).isEmpty();
    }

    @Test
    void anAcknowledgementShouldProveWhatWasOnlyWrittenBefore() {
        view.begin(1, 0, 0, 0);
        assertThat(view.appended(queued(1), NOW)).isPresent();
        view.written(1);
        assertThat(view.appended(queued(2), NOW)).isPresent();
        assertThat(read(new Page(List.of(expired(3)), 3, 0)).expired()).isEqualTo(1);
        assertThat(view.acknowledge(2, NOW)).hasSize(1);
        assertThat(view.done()).contains(new Mark(3, id(3)));
        assertThat(read(new Page(List.of(expired(4)), 4, 0)).expired()).isEqualTo(1);
        assertThat(view.done()).contains(new Mark(4, id(4)));
    }

    @Test
    void expiredMessagesShouldTakeNoRoom() {
        view.begin(1, 6, 0, 0);
        view.startReading();
        View.Reading reading =
                read(new Page(List.of(expired(1), queued(2), expired(3), queued(4), queued(5), queued(6)), 6, 0));
        assertThat(positions(reading.offers())).containsExactly(2L, 4L, 5L, 6L);
    }

    @Test
    void acknowledgeShouldBeCumulative() {
        view.begin(1, 0, 0, 0);
        for (long p = 1; p <= 4; p++) {
            view.appended(queued(p), NOW);
        }
        assertThat(view.acknowledge(3, NOW))
                .containsExactly(
                        new Delivery.Acknowledged(1, queued(1).message()),
                        new Delivery.Acknowledged(2, queued(2).message()),
                        new Delivery.Acknowledged(3, queued(3).message()));
        assertThat(view.done()).contains(new Mark(3, id(3)));
    }

    @Test
    void acknowledgeShouldIgnoreWhatIsNotOnItsWay() {
        view.begin(1, 0, 0, 0);
        view.appended(queued(1), NOW);
        view.appended(queued(2), NOW);
        assertThat(view.acknowledge(0, NOW)).isEmpty();
        assertThat(view.acknowledge(-1, NOW)).isEmpty();
        assertThat(view.done()).isEmpty();
        view.acknowledge(1, NOW);
        assertThat(view.acknowledge(1, NOW)).as("a duplicate").isEmpty();
        assertThat(view.done()).contains(new Mark(1, id(1)));
    }

    @Test
    void acknowledgeOfMoreThanWasOfferedShouldReachOnlyWhatWas() {
        view.begin(1, 0, 0, 0);
        view.appended(queued(1), NOW);
        assertThat(positions(view.acknowledge(Long.MAX_VALUE, NOW))).containsExactly(1L);
        assertThat(view.acknowledge(Long.MAX_VALUE, NOW)).isEmpty();
        view.appended(queued(2), NOW);
        assertThat(view.done()).contains(new Mark(1, id(1)));
    }

    @Test
    void aSlowAcknowledgementShouldShrinkTheWindow() {
        view.begin(1, 0, 0, 0);
        for (long p = 1; p <= 4; p++) {
            view.appended(queued(p), NOW);
        }
        view.acknowledge(4, NOW + 8_000);
        assertThat(view.appended(queued(5), NOW)).isPresent();
        assertThat(view.appended(queued(6), NOW)).isEmpty();
    }

    @Test
    void sequenceOfShouldFindWhatIsOnItsWay() {
        view.begin(7, 6, 0, 0);
        view.appended(queued(7), NOW);
        view.appended(queued(8), NOW);
        assertThat(view.sequenceOf(id(8))).contains(2L);
        assertThat(view.sequenceOf(id(9))).isEmpty();
        view.acknowledge(1, NOW);
        assertThat(view.sequenceOf(id(7))).as("acknowledged").isEmpty();
        assertThat(view.sequenceOf(id(8))).contains(2L);
    }

    @Test
    void whatMayHaveBeenShownShouldBeRedelivered() {
        view.begin(1, 3, 2, 0);
        view.startReading();
        assertThat(read(page(1, 3, 3)).offers().stream().map(Delivery.Offered::redelivered))
                .containsExactly(true, true, false);
        assertThat(view.appended(queued(4), NOW).orElseThrow().redelivered()).isFalse();
    }

    @Test
    void beginAgainShouldForgetEverythingButTheSequence() {
        view.begin(1, 0, 0, 0);
        for (long p = 1; p <= 4; p++) {
            view.appended(queued(p), NOW);
        }
        view.acknowledge(1, NOW + 2_000);
        view.begin(1, 2, 2, 0);
        assertThat(view.done()).isEmpty();
        assertThat(view.sequenceOf(id(2))).isEmpty();
        assertThat(view.acknowledge(4, NOW)).as("of the old numbering").isEmpty();
        assertThat(view.startReading()).isEqualTo(4);
        List<Delivery.Offered> offers = read(page(1, 2, 2)).offers();
        assertThat(offers.stream().map(Delivery.Offered::sequence)).containsExactly(5L, 6L);
        assertThat(view.acknowledge(4, NOW))
                .as("a late proof of the old numbering")
                .isEmpty();
        assertThat(positions(view.acknowledge(5, NOW))).containsExactly(1L);
    }

    @Test
    void beginAgainWhileReadingShouldWantAPageOfItsOwn() {
        view.begin(1, 2, 0, 0);
        view.startReading();
        view.begin(1, 5, 0, 0);
        assertThat(view.wantsPage()).isTrue();
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.redis.StreamEntryParser.Accepted;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PublicationLanesTest {

    private final PublicationLanes lanes = new PublicationLanes();
    private int number;

    private StreamedPublication one(String user, Optional<String> key, long ttl) {
        String entry = ++number + "-0";
        Publication publication =
                Publication.of(new UserId(user), new MessageId(entry), 1_000, new Payload("12345"), ttl);
        return new StreamedPublication(new StreamEntry(entry, 1, null, List.of()), new Accepted(publication, key), 1);
    }

    private StreamedPublication added(String user) {
        StreamedPublication one = one(user, Optional.empty(), Message.NO_TTL);
        lanes.add(one);
        return one;
    }

    @Test
    void nextShouldBeOnePerRecipientInOrder() {
        StreamedPublication ann1 = added("ann");
        StreamedPublication ann2 = added("ann");
        StreamedPublication bob = added("bob");
        assertThat(lanes.next()).containsSame(ann1);
        assertThat(lanes.next()).containsSame(bob);
        assertThat(lanes.next()).isEmpty();
        lanes.again(ann1);
        assertThat(lanes.next()).containsSame(ann1);
        assertThat(lanes.next()).isEmpty();
        lanes.leave(ann1);
        assertThat(lanes.next()).containsSame(ann2);
        assertThat(lanes.size()).isEqualTo(3);
        assertThat(lanes.characters()).isEqualTo(15);
        lanes.forget(ann1);
        assertThat(lanes.holds(ann1.entry())).isFalse();
        assertThat(lanes.characters()).isEqualTo(10);
    }

    @Test
    void letGoShouldKeepOnlyWhatIsOnItsWay() {
        StreamedPublication onItsWay = added("ann");
        StreamedPublication behind = added("ann");
        added("bob");
        onItsWay.leave(0);
        lanes.letGo();
        assertThat(lanes.next()).isEmpty();
        assertThat(lanes.size()).isEqualTo(1);
        assertThat(lanes.holds(onItsWay.entry())).isTrue();
        // what comes late does not disturb those that are taken afterwards
        StreamedPublication later = added("ann");
        lanes.leave(onItsWay);
        lanes.again(behind);
        assertThat(lanes.next()).containsSame(later);
        assertThat(lanes.next()).isEmpty();
        lanes.forget(onItsWay);
        lanes.forget(later);
        assertThat(lanes.isEmpty()).isTrue();
        assertThat(lanes.characters()).isZero();
    }

    @Test
    void nameShouldBelongToTheFirstUntilThatIsForgotten() {
        StreamedPublication first = one("ann", Optional.of("k"), Message.NO_TTL);
        StreamedPublication second = one("bob", Optional.of("k"), Message.NO_TTL);
        assertThat(lanes.nameOrNamesake(first)).isEmpty();
        assertThat(lanes.nameOrNamesake(first)).isEmpty();
        assertThat(lanes.nameOrNamesake(second)).containsSame(first);
        lanes.forget(second);
        assertThat(lanes.nameOrNamesake(second)).containsSame(first);
        lanes.forget(first);
        assertThat(lanes.nameOrNamesake(second)).isEmpty();
    }

    @Test
    void failsShouldGiveUpAtOnceWhatIsOfAnotherKindAndADefectAfterSomeTries() {
        assertThat(added("ann").fails(ErrorCode.WRONG_KIND, 0)).isTrue();
        StreamedPublication one = added("ann");
        for (int i = 1; i < 8; i++) {
            assertThat(one.fails(ErrorCode.INTERNAL, 0)).isFalse();
        }
        assertThat(one.fails(ErrorCode.INTERNAL, 0)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"STORE_UNAVAILABLE", "STORE_REFUSED", "STORE_FORBIDDEN", "OVERLOADED"})
    void failsShouldWaitForRedisHoweverLong(ErrorCode code) {
        StreamedPublication one = added("ann");
        for (int i = 0; i < 10_000; i++) {
            one.leave(5);
            assertThat(one.fails(code, 5)).isFalse();
        }
        assertThat(one.pauseMillis()).isEqualTo(5_000);
    }

    @Test
    void failsShouldGiveUpWhatNeverSucceedsWhileOthersDo() {
        StreamedPublication one = added("ann");
        for (int successes = 0; successes < 99; successes++) {
            one.leave(successes);
            assertThat(one.fails(ErrorCode.STORE_UNAVAILABLE, successes + 1)).isFalse();
        }
        one.leave(99);
        assertThat(one.fails(ErrorCode.STORE_UNAVAILABLE, 100)).isTrue();
    }

    @Test
    void pauseShouldGrow() {
        StreamedPublication one = added("ann");
        one.fails(ErrorCode.STORE_UNAVAILABLE, 0);
        assertThat(one.pauseMillis()).isEqualTo(100);
        one.fails(ErrorCode.STORE_UNAVAILABLE, 0);
        assertThat(one.pauseMillis()).isEqualTo(200);
    }

    @Test
    void hasExpiredShouldCountFromTheTimestamp() {
        assertThat(one("ann", Optional.empty(), 500).hasExpired(1_499)).isFalse();
        assertThat(one("ann", Optional.empty(), 500).hasExpired(1_500)).isTrue();
        assertThat(one("ann", Optional.empty(), Message.NO_TTL).hasExpired(Long.MAX_VALUE))
                .isFalse();
    }
}

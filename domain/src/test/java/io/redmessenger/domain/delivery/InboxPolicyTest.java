package io.redmessenger.domain.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InboxPolicyTest {

    private static final long ACCEPTED = 1_438_480_701_712L;

    private final InboxPolicy policy = new InboxPolicy(Duration.ofSeconds(60), 10);

    private static Message message(long ttl) {
        return new Message(new MessageId("m1"), "rm.users.ann", ACCEPTED, new Payload("x"), ttl);
    }

    @Test
    void hasExpiredShouldFollowTheInboxWhenTheMessageHasNoTtl() {
        Message message = message(Message.NO_TTL);
        assertThat(policy.hasExpired(message, ACCEPTED)).isFalse();
        assertThat(policy.hasExpired(message, ACCEPTED + 59_999)).isFalse();
        assertThat(policy.hasExpired(message, ACCEPTED + 60_000)).isTrue();
    }

    @Test
    void hasExpiredShouldFollowAShorterTtl() {
        assertThat(policy.hasExpired(message(1), ACCEPTED)).isFalse();
        assertThat(policy.hasExpired(message(1), ACCEPTED + 1)).isTrue();
        assertThat(policy.hasExpired(message(5_000), ACCEPTED + 4_999)).isFalse();
        assertThat(policy.hasExpired(message(5_000), ACCEPTED + 5_000)).isTrue();
    }

    @Test
    void hasExpiredShouldNotLetATtlLengthenTheExpiry() {
        assertThat(policy.hasExpired(message(600_000), ACCEPTED + 60_000)).isTrue();
    }

    @Test
    void hasExpiredShouldBearAClockThatWentBack() {
        assertThat(policy.hasExpired(message(1), ACCEPTED - 100_000)).isFalse();
    }

    @Test
    void shouldNameTheLimits() {
        assertThat(new InboxPolicy(Duration.ofSeconds(1), 1).limit()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InboxPolicy(Duration.ofMillis(999), 1))
                .withMessage("expiry must be 1 second or more, got PT0.999S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InboxPolicy(Duration.ofSeconds(1), 0))
                .withMessage("limit must be 1 or more, got 0");
    }
}

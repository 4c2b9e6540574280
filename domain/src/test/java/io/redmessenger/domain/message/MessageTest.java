package io.redmessenger.domain.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

    @ParameterizedTest
    @ValueSource(strings = {"m", "!", "~", "a/b:c", "1438480701712-0", "<>'&%", "01hgw2bbg0000000000000abc1"})
    void messageIdShouldTakePrintableAscii(String value) {
        assertThat(new MessageId(value)).hasToString(value);
    }

    @Test
    void messageIdShouldHaveAtMost128Characters() {
        assertThat(new MessageId("x".repeat(128)).value()).hasSize(128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MessageId("x".repeat(129)))
                .withMessage("message id must be 1 to 128 characters, got 129");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MessageId(""))
                .withMessage("message id must be 1 to 128 characters, got 0");
    }

    @ParameterizedTest
    @CsvSource({"32,0020", "34,0022", "92,005c", "10,000a", "0,0000", "127,007f", "233,00e9", "8364,20ac"})
    void messageIdShouldNameTheCharacterItCannotHave(int character, String hex) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MessageId("ab" + (char) character))
                .withMessage("message id must be printable ASCII without space, quote and backslash; character 2 is U+"
                        + hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Hello", "100%", "\u0000\n\u2028", "\uD83D\uDE00", "a\uD83D\uDE00\uD83D\uDE00", "\uFFFF"})
    void payloadShouldSurviveUtf8(String text) {
        Payload payload = new Payload(text);
        assertThat(payload.text()).isEqualTo(text);
        assertThat(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    @Test
    void payloadShouldRefuseUnpairedSurrogates() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Payload("ab\uD83D"))
                .withMessage("payload has an unpaired surrogate at index 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Payload("\uDE00\uD83D"))
                .withMessage("payload has an unpaired surrogate at index 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Payload("\uD83D\uDE00\uD83Dx"))
                .withMessage("payload has an unpaired surrogate at index 2");
        assertThatIllegalArgumentException().isThrownBy(() -> new Payload("\uD83D\uD83D\uDE00"));
    }

    @Test
    void payloadShouldNotShowItsText() {
        assertThat(new Payload("secret")).hasToString("Payload[6 chars]");
        assertThat(new Message(new MessageId("m1"), "rm.users.ann", 1, new Payload("secret"), 5).toString())
                .doesNotContain("secret")
                .contains("m1");
    }

    @Test
    void messageShouldHaveNoTtlUnlessItIsGiven() {
        Message message = new Message(new MessageId("m1"), "rm.users.ann", 7, new Payload("x"));
        assertThat(message.ttl()).isEqualTo(Message.NO_TTL);
        assertThat(message)
                .isEqualTo(new Message(new MessageId("m1"), "rm.users.ann", 7, new Payload("x"), Message.NO_TTL));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void messageShouldRefuseATtlBelowOne(long ttl) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message(new MessageId("m1"), "rm.users.ann", 7, new Payload("x"), ttl))
                .withMessage("ttl must be 1 ms or more, got " + ttl);
    }
}

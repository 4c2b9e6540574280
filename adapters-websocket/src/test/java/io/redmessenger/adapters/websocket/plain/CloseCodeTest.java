package io.redmessenger.adapters.websocket.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.CloseReason;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CloseCodeTest {

    @ParameterizedTest
    @CsvSource({
        "UNAUTHORIZED,4401",
        "REPLACED,4409",
        "STORE_UNAVAILABLE,1013",
        "NODE_FULL,1013",
        "INBOX_UNREADABLE,1011",
        "INTERNAL,1011",
        "DISCONNECTED,4440",
        "GOING_AWAY,1001"
    })
    void everyReasonShouldHaveItsCode(CloseReason reason, int code) {
        assertThat(CloseCode.of(reason).number).isEqualTo(code);
    }

    @ParameterizedTest
    @EnumSource
    void everyReasonShouldFitACloseFrame(CloseReason reason) {
        String text = CloseCode.textOf(reason);
        assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, 123);
        assertThat(text.matches("retry-after=[1-5]")).isEqualTo(reason == CloseReason.GOING_AWAY);
    }
}

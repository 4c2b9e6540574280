package io.redmessenger.adapters.websocket.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifierTest {

    @ParameterizedTest
    @CsvSource({"ann:k,ann,k", "ann:k:1,ann,k:1", "ann::,ann,:", "a@b.c:100%,a@b.c,100%"})
    void parseShouldSplitAtTheFirstColon(String text, String uid, String key) {
        Identifier identifier = Identifier.parse(text);
        assertThat(identifier.user()).isEqualTo(new UserId(uid));
        assertThat(identifier.credential()).contains(new Credential(key));
    }

    @Test
    void parseShouldTakeAnEmptyKeyForNone() {
        assertThat(Identifier.parse("ann").credential()).isEmpty();
        assertThat(Identifier.parse("ann:").credential()).isEmpty();
        assertThat(Identifier.of("ann", "").credential()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", ":key", "a b", "a\u0000", "\uD83D\uDE00", "100%"})
    void parseShouldRefuseABadUserId(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identifier.parse(text))
                .withMessageStartingWith("user id must be");
    }

    @Test
    void itShouldNotShowTheKey() {
        assertThat(Identifier.parse("ann:s3cret").toString()).contains("ann").doesNotContain("s3cret");
    }
}

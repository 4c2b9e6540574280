package io.redmessenger.domain.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {

    @Test
    void matchesShouldCompareTheText() {
        assertThat(new Credential("s3cret").matches(new Credential("s3cret"))).isTrue();
        assertThat(new Credential("\u00e9:\uD83D\uDE00").matches(new Credential("\u00e9:\uD83D\uDE00")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cre", "s3cret ", "S3cret", "s3creT", "t", "3cret", "s3crets3cret"})
    void matchesShouldRefuseAnyOtherText(String other) {
        assertThat(new Credential("s3cret").matches(new Credential(other))).isFalse();
        assertThat(new Credential(other).matches(new Credential("s3cret"))).isFalse();
    }

    @Test
    void shouldHave1To4096Characters() {
        assertThat(new Credential("k".repeat(4096)).secret()).hasSize(4096);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Credential("k".repeat(4097)))
                .withMessage("a key must be 1 to 4096 characters, got 4097");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Credential(""))
                .withMessage("a key must be 1 to 4096 characters, got 0");
    }

    @Test
    void shouldNotShowItsText() {
        assertThat(new Credential("s3cret")).hasToString("***");
    }
}

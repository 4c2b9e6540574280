package io.redmessenger.domain.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipientTest {

    private static final String ALL =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz" + "0123456789" + "._@+-";

    @ParameterizedTest
    @ValueSource(strings = {"a", "Z", "0", ".", "_", "@", "+", "-", "ann@example.org", "a.b_c+d-e", ALL})
    void idsShouldTakeTheWholeGrammar(String value) {
        assertThat(new UserId(value).value()).isEqualTo(value);
        assertThat(new GroupId(value).value()).isEqualTo(value);
    }

    @Test
    void idsShouldTakeExactlyTheGrammarOfAllCharacters() {
        IntStream.rangeClosed(Character.MIN_VALUE, Character.MAX_VALUE).forEach(c -> {
            String value = String.valueOf((char) c);
            if (ALL.contains(value)) {
                assertThat(new UserId(value)).hasToString(value);
            } else {
                assertThatIllegalArgumentException().isThrownBy(() -> new UserId(value));
                assertThatIllegalArgumentException().isThrownBy(() -> new GroupId(value));
            }
        });
    }

    @Test
    void idsShouldHaveAtMost128Characters() {
        assertThat(new UserId("x".repeat(128)).value()).hasSize(128);
        assertThatIllegalArgumentException().isThrownBy(() -> new UserId("x".repeat(129)));
        assertThatIllegalArgumentException().isThrownBy(() -> new GroupId("x".repeat(129)));
    }

    @Test
    void refusalShouldNameTheLimitAndTheValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserId("a:b"))
                .withMessage("user id must be 1 to 128 of A-Z a-z 0-9 . _ @ + -, got \"a:b\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupId(""))
                .withMessage("channel id must be 1 to 128 of A-Z a-z 0-9 . _ @ + -, got \"\"");
    }

    @Test
    void refusalShouldShowHostileTextShortAndPrintable() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserId("a\r\n\"\u001b[31m\u00e9"))
                .withMessageEndingWith("got \"a????[31m?\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserId("x".repeat(129)))
                .withMessageEndingWith("got \"" + "x".repeat(40) + "…\"");
    }

    @Test
    void addressShouldBeWhatParseReads() {
        assertThat(new UserId("ann").address()).isEqualTo("rm.users.ann");
        assertThat(new GroupId("cats").address()).isEqualTo("rm.channels.cats");
        assertThat(Recipient.parse("rm.users.ann")).isEqualTo(new UserId("ann"));
        assertThat(Recipient.parse("rm.channels.cats")).isEqualTo(new GroupId("cats"));
        assertThat(Recipient.parse("rm.users.rm.users.ann")).isEqualTo(new UserId("rm.users.ann"));
    }

    @Test
    void idsOfAUserAndAGroupShouldDiffer() {
        assertThat((Recipient) new UserId("x")).isNotEqualTo(new GroupId("x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ann", "rm.", "rm.user.ann", "rm.users", "RM.USERS.ann", " rm.users.ann", "rm:users:ann"})
    void parseShouldRefuseOtherAddresses(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recipient.parse(address))
                .withMessage("an address begins with rm.users. or rm.channels., got \"" + address + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rm.users.", "rm.users.a b", "rm.users.*", "rm.channels.", "rm.channels.[x]", "rm.channels.a:b"})
    void parseShouldRefuseIdsOutsideTheGrammar(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recipient.parse(address))
                .withMessageContaining(" id must be 1 to 128 of ");
    }
}

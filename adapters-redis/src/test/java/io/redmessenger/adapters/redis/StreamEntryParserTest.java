package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.redis.StreamEntryParser.Accepted;
import io.redmessenger.adapters.redis.StreamEntryParser.Parsed;
import io.redmessenger.adapters.redis.StreamEntryParser.Refused;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamEntryParserTest {

    private static final long NOW = 1_767_225_600_000L;
    private static final String ID = (NOW - 5_000) + "-7";

    private final StreamEntryParser parser = new StreamEntryParser(8);

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(UTF_8);
    }

    private Parsed parse(String entry, @Nullable String to, @Nullable String payload, @Nullable String... more) {
        @Nullable String key = more.length > 0 ? more[0] : null;
        @Nullable String ttl = more.length > 1 ? more[1] : null;
        return parser.parse(
                new StreamEntry(entry, 1, null, Arrays.asList(bytes(to), bytes(payload), bytes(key), bytes(ttl))), NOW);
    }

    private static void assertRefused(Parsed parsed, Event event, String reason) {
        assertThat(parsed).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.event()).isEqualTo(event);
            assertThat(refused.reason()).contains(reason);
        });
    }

    @Test
    void parseShouldMakeAPublicationNamedAndTimedByTheEntry() {
        assertThat(parse(ID, "rm.users.ann", "é\0\"")).isInstanceOfSatisfying(Accepted.class, accepted -> {
            Message message = accepted.publication().message();
            assertThat(accepted.key()).isEmpty();
            assertThat(accepted.publication().to()).isEqualTo(new UserId("ann"));
            assertThat(accepted.publication().again()).isFalse();
            assertThat(message.id().value()).isEqualTo(ID);
            assertThat(message.timestamp()).isEqualTo(NOW - 5_000);
            assertThat(message.source()).isEqualTo("rm.users.ann");
            assertThat(message.payload().text()).isEqualTo("é\0\"");
            assertThat(message.ttl()).isEqualTo(Message.NO_TTL);
        });
    }

    @Test
    void parseShouldTakeIdAndTtlOfTheBackend() {
        assertThat(parse(ID, "rm.channels.cats", "", "order:17*", "1500"))
                .isInstanceOfSatisfying(Accepted.class, accepted -> {
                    assertThat(accepted.key()).contains("order:17*");
                    assertThat(accepted.publication().to()).isEqualTo(new GroupId("cats"));
                    assertThat(accepted.publication().message().id().value()).isEqualTo("order:17*");
                    assertThat(accepted.publication().message().ttl()).isEqualTo(1_500);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-1", "0-5", "18446744073709551615-18446744073709551615", "9767225600000-0"})
    void parseShouldTakeTheTimeOfNowWhenTheEntryHasNone(String entry) {
        assertThat(parse(entry, "rm.users.ann", "x"))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(accepted.publication().message().timestamp())
                                .isEqualTo(NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "rm.users.", "rm.users.a:b", "rm.channels.*", "users.ann", "rm.users.a\nb"})
    void parseShouldRefuseABadAddress(String to) {
        assertRefused(parse(ID, to, "x"), Event.PUBLICATION_BAD_ADDRESS, "");
        assertRefused(parse(ID, null, "x"), Event.PUBLICATION_BAD_ADDRESS, "the field to is missing");
    }

    @Test
    void parseShouldRefuseAMissingTooLargeOrMalformedPayload() {
        assertRefused(parse(ID, "rm.users.ann", null), Event.PUBLICATION_MALFORMED, "payload is missing");
        assertRefused(parse(ID, "rm.users.ann", "123456789"), Event.PUBLICATION_TOO_LARGE, "max_message_bytes, 8");
        assertThat(parse(ID, "rm.users.ann", "12345678")).isInstanceOf(Accepted.class);
        Parsed parsed = parser.parse(
                new StreamEntry(
                        ID, 1, null, Arrays.asList(bytes("rm.users.ann"), new byte[] {'a', (byte) 0xff}, null, null)),
                NOW);
        assertRefused(parsed, Event.PUBLICATION_NOT_UTF8, "not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5", "1e3", " 5", "5s", "1000000000000000"})
    void parseShouldRefuseABadTtl(String ttl) {
        assertRefused(parse(ID, "rm.users.ann", "x", null, ttl), Event.PUBLICATION_MALFORMED, "ttl");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\"b", "a\\b", "é", "a\n"})
    void parseShouldRefuseABadId(String key) {
        assertRefused(parse(ID, "rm.users.ann", "x", key), Event.PUBLICATION_MALFORMED, "id");
        assertRefused(parse(ID, "rm.users.ann", "x", "k".repeat(129)), Event.PUBLICATION_MALFORMED, "128");
    }

    @Test
    void parseShouldRefuseAFieldThatIsThereTwice() {
        StreamEntry entry = new StreamEntry(ID, 1, "to", Arrays.asList(bytes("rm.users.ann"), bytes("x"), null, null));
        assertRefused(parser.parse(entry, NOW), Event.PUBLICATION_MALFORMED, "the field to");
    }
}

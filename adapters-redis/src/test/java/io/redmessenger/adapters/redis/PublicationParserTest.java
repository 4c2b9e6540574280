package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicationParserTest {

    private final CountingTelemetry telemetry = new CountingTelemetry();
    private final RecordingLogger lines = new RecordingLogger();
    private final PublicationParser parser =
            new PublicationParser(8, telemetry, new RateLimitedLog(lines, new MutableClock()));

    private Optional<Publication> parse(String channel, byte[] payload) {
        return parser.parse(channel.getBytes(UTF_8), payload, new MessageId("m1"), 99);
    }

    @Test
    void parseShouldMakeAPublication() {
        Publication publication = parse("rm.users.ann", "é\0\"".getBytes(UTF_8)).orElseThrow();
        assertThat(publication.to()).isEqualTo(new UserId("ann"));
        assertThat(publication.again()).isFalse();
        assertThat(publication.message().id()).isEqualTo(new MessageId("m1"));
        assertThat(publication.message().source()).isEqualTo("rm.users.ann");
        assertThat(publication.message().timestamp()).isEqualTo(99);
        assertThat(publication.message().ttl()).isEqualTo(Message.NO_TTL);
        assertThat(publication.message().payload().text()).isEqualTo("é\0\"");
        assertThat(telemetry.of(Event.PUBLICATION_ACCEPTED)).isEqualTo(1);
        assertThat(lines.lines()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rm.", "rm.users.", "rm.users.a:b", "rm.channels.*", "rm.unknown", "rm.users.a\nb"})
    void parseShouldRefuseABadAddressAndWarnOnce(String channel) {
        assertThat(parse(channel, new byte[0])).isEmpty();
        assertThat(parse(channel, new byte[0])).isEmpty();
        assertThat(telemetry.of(Event.PUBLICATION_BAD_ADDRESS)).isEqualTo(2);
        assertThat(telemetry.of(Event.PUBLICATION_ACCEPTED)).isZero();
        assertThat(lines.lines()).hasSize(1).noneMatch(line -> line.contains("\n"));
    }

    @Test
    void parseShouldRefuseWhatIsTooLargeAndNameTheSetting() {
        assertThat(parse("rm.users.ann", new byte[8])).isPresent();
        assertThat(parse("rm.users.ann", new byte[9])).isEmpty();
        assertThat(telemetry.of(Event.PUBLICATION_TOO_LARGE)).isEqualTo(1);
        assertThat(lines.lines()).singleElement().asString().contains("9 bytes", "max_message_bytes, 8");
    }

    @Test
    void parseShouldRefuseWhatIsNotUtf8AndNotLogIt() {
        assertThat(parse("rm.users.ann", new byte[] {'s', 'e', 'c', (byte) 0xff}))
                .isEmpty();
        assertThat(telemetry.of(Event.PUBLICATION_NOT_UTF8)).isEqualTo(1);
        assertThat(lines.lines()).hasSize(1).noneMatch(line -> line.contains("sec"));
    }
}

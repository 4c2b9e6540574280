package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageJsonTest {

    private static Optional<Message> decode(String json) {
        return MessageJson.decode(json.getBytes(UTF_8), () -> new MessageId("legacy-e-1"), "rm.users.ann", 42);
    }

    @RepeatedTest(200)
    void decodeShouldBeTheInverseOfEncode(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Message message = new Message(
                new MessageId(random.ints('!', 0x7f)
                        .filter(c -> c != '"' && c != '\\')
                        .limit(1 + random.nextInt(128))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString()),
                "rm.channels.c" + random.nextInt(),
                random.nextLong() >>> 1,
                new Payload(random.ints(random.nextInt(50), 0, 0x11000)
                        .filter(c -> !Character.isSurrogate((char) c))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString()),
                random.nextBoolean() ? Message.NO_TTL : 1 + random.nextInt(1_000));
        byte[] json = MessageJson.encode(message);
        assertThat(decode(new String(json, UTF_8))).contains(message);
        assertThat(new String(json, UTF_8)).startsWith(new String(MessageJson.begin(message.id()), UTF_8));
    }

    @Test
    void decodeShouldFillInWhatIsMissing() {
        assertThat(decode("{\"payload\":\"a%20b\"}"))
                .contains(new Message(
                        new MessageId("legacy-e-1"), "rm.users.ann", 42, new Payload("a b"), Message.LIFE_OF_INBOX));
    }

    @Test
    void decodeShouldNotUnescapeWhatHasAnId() {
        assertThat(decode("{\"id\":\"x\",\"payload\":\"a%20b\"}")
                        .orElseThrow()
                        .payload()
                        .text())
                .isEqualTo("a%20b");
    }

    @Test
    void decodeShouldPassOverWhatItDoesNotKnow() {
        assertThat(decode("{ \"bubble\":true, \"x\":{\"payload\":[1,{}]}, \"timestamp\":[7], \"source\":{\"a\":1},"
                        + "\"payload\":\"p\", \"id\":null, \"ttl\":\"soon\" }"))
                .contains(new Message(
                        new MessageId("legacy-e-1"), "rm.users.ann", 42, new Payload("p"), Message.LIFE_OF_INBOX));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "\"payload\"",
                "{}",
                "{\"payload\":null}",
                "{\"payload\":5}",
                "{\"payload\":{}}",
                "{\"payload\":\"x\"",
                "{\"payload\":\"x\"}}",
                "{\"payload\":\"\\udc00\"}",
                "{\"id\":\"\",\"payload\":\"x\"}",
                "{\"id\":\"a b\",\"payload\":\"x\"}",
                "{\"id\":\"\\u0061\",\"payload\":\"x\"}",
                "{\"id\":{},\"payload\":\"x\"}"
            })
    void decodeShouldFindNothingInWhatIsNoMessage(String json) {
        assertThat(decode(json)).isEmpty();
    }

    @Test
    void decodeShouldFindNothingInWhatIsNotUtf8() {
        byte[] json = "{\"payload\":\"?\"}".getBytes(UTF_8);
        json[12] = (byte) 0xff;
        assertThat(MessageJson.decode(json, () -> new MessageId("l"), "s", 1)).isEmpty();
    }
}

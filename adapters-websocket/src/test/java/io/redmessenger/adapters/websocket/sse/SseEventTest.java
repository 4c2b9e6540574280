package io.redmessenger.adapters.websocket.sse;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.server.MessageJson;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SseEventTest {

    private static String text(SseEvent event) {
        ByteBuffer bytes = ByteBuffer.allocate(event.length());
        event.copyTo(bytes, 0);
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    private static String text(String id, String source, String payload) {
        Message message = new Message(new MessageId(id), source, 7, new Payload(payload));
        return text(SseEvent.message(message, MessageJson.encode(message, true, false)));
    }

    /** The value of a field, as a client reads it. */
    private static String field(String event, String name) {
        return event.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .reduce((a, b) -> a + "\n" + b)
                .orElse("");
    }

    @Test
    void messageShouldBeItsIdAndItsJson() {
        assertThat(text("a1", "rm.users.ann", "Hello"))
                .isEqualTo("id: a1\ndata: {\"id\":\"a1\",\"source\":\"rm.users.ann\",\"timestamp\":7,\"bubble\":true,"
                        + "\"payload\":\"Hello\"}\n\n");
    }

    static Stream<String> hostile() {
        Random random = new Random(2);
        String alphabet = "\n\r\0:\u2028\u2029\u0085\u000b\u000c\ufeff id: data event retry \"\\é\t";
        Stream<String> made = IntStream.range(0, 200)
                .mapToObj(i -> random.ints(random.nextInt(40), 0, alphabet.length())
                        .mapToObj(at -> alphabet.substring(at, at + 1))
                        .reduce("", String::concat));
        return Stream.concat(
                Stream.of(
                        "\n\nid: x",
                        "\r\rid: x",
                        "\r\n\r\nevent: rm_error\r\ndata: {}",
                        "\0",
                        "\u2028id: x\u2029",
                        "\ndata: y",
                        "\nretry: 1",
                        "😀"),
                made);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void noPayloadAndNoSourceShouldForgeAField(String hostile) {
        String event = text("a1", hostile, hostile);
        String body = event.substring(0, event.length() - 2);
        assertThat(event).endsWith("\n\n");
        assertThat(body.split("[\r\n]", -1)).hasSize(2);
        assertThat(event).doesNotContain("\0").doesNotContain("\r");
        assertThat(field(event, "id")).isEqualTo("a1");
        JsonNode json = Client.json(body.substring(body.indexOf("data: ") + 6));
        assertThat(json.path("payload").textValue()).isEqualTo(hostile);
        assertThat(json.path("source").textValue()).isEqualTo(hostile);
    }

    @Test
    void idsShouldBeSafeAsTheyAre() {
        String printable = IntStream.range(0x21, 0x7f)
                .filter(c -> c != '"' && c != '\\')
                .mapToObj(Character::toString)
                .reduce("", String::concat);
        for (String id : new String[] {printable, "legacy-e0-12", ":", "id:x", "0"}) {
            assertThat(field(text(id, "rm.users.ann", ""), "id")).isEqualTo(id);
        }
    }

    @Test
    void readyShouldSetTheTimeToComeBack() {
        String event = text(SseEvent.ready(Duration.ofMillis(2_345), new UserId("ann"), 3));
        assertThat(event).isEqualTo("retry: 2345\nevent: ready\ndata: {\"uid\":\"ann\",\"pending\":3}\n\n");
    }

    @Test
    void missedShouldSayHowMany() {
        assertThat(text(SseEvent.missed(12))).isEqualTo("event: missed\ndata: {\"count\":12}\n\n");
    }

    @ParameterizedTest
    @EnumSource
    void errorShouldNotBeTheTypeOfALostConnection(CloseReason reason) {
        String event = text(SseEvent.error(Duration.ofSeconds(1), reason));
        assertThat(event).startsWith("retry: 1000\nevent: rm_error\ndata: {").endsWith("}\n\n");
        JsonNode data = Client.json(field(event, "data"));
        assertThat(data.path("code").textValue()).isEqualTo(reason.code());
        assertThat(data.path("message").textValue()).isEqualTo(reason.message());
        assertThat(data.path("retryable").booleanValue()).isEqualTo(reason.retryable());
    }

    @Test
    void aHeartbeatShouldBeACommentAndNoEvent() {
        assertThat(text(SseEvent.HEARTBEAT)).isEqualTo(":\n\n");
    }

    @Test
    void copyToShouldGoOnWhereItStopped() {
        SseEvent event = SseEvent.missed(12);
        StringBuilder parts = new StringBuilder();
        for (int offset = 0; offset < event.length(); offset += 5) {
            ByteBuffer part = ByteBuffer.allocate(5);
            event.copyTo(part, offset);
            parts.append(new String(part.array(), 0, part.position(), StandardCharsets.UTF_8));
        }
        assertThat(parts).hasToString(text(event));
    }
}

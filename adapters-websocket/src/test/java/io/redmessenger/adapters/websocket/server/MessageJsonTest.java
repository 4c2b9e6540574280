package io.redmessenger.adapters.websocket.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageJsonTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Message message(String payload) {
        return new Message(new MessageId("m<1>'"), "rm.users.ann", 1438480701712L, new Payload(payload), 5);
    }

    private static String encode(Message message, boolean bubble, boolean redelivered) {
        return new String(MessageJson.encode(message, bubble, redelivered), StandardCharsets.UTF_8);
    }

    @Test
    void encodeShouldWriteExactlyTheFieldsOfTheContract() {
        assertThat(encode(message("Hello, world!"), true, false))
                .isEqualTo("{\"id\":\"m<1>'\",\"source\":\"rm.users.ann\",\"timestamp\":1438480701712,"
                        + "\"bubble\":true,\"payload\":\"Hello, world!\"}");
        assertThat(encode(message(""), false, true))
                .isEqualTo("{\"id\":\"m<1>'\",\"source\":\"rm.users.ann\",\"timestamp\":1438480701712,"
                        + "\"bubble\":false,\"redelivered\":true,\"payload\":\"\"}");
    }

    @Test
    void encodeShouldEscapeWhatJsonWantsEscaped() {
        assertThat(encode(message("\"\\\n\u0000\u001f"), false, false))
                .endsWith("\"payload\":\"\\\"\\\\\\n\\u0000\\u001F\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "100%",
                "%E2%82%AC",
                "\uD83D\uDE00",
                "a\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67b",
                "\"quoted\" and \\back\\slashed",
                "\u0000\u0001\b\t\n\f\r\u001f\u007f",
                "\u2028\u2029\u0085",
                "\uFFFF\uFFFE\uE000\u00e9\u20ac",
                "{\"json\":[1,2]}",
                "</script>"
            })
    void encodeShouldCarryEveryPayloadUnchanged(String payload) throws IOException {
        JsonNode json = JSON.readTree(MessageJson.encode(message(payload), true, true));
        assertThat(json.get("payload").textValue()).isEqualTo(payload);
        assertThat(json.get("redelivered").booleanValue()).isTrue();
    }

    @Test
    void encodeShouldCarryALargePayload() throws IOException {
        String payload = "\uD83D\uDE00\"x".repeat(20_000);
        assertThat(JSON.readTree(MessageJson.encode(message(payload), true, false))
                        .get("payload")
                        .textValue())
                .isEqualTo(payload);
    }
}

package io.redmessenger.adapters.websocket.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redmessenger.adapters.websocket.api.Submission.Form;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.Payload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubmissionTest {

    private static final int MAX = 10;

    private static Submission json(String body) {
        return Submission.read(Form.JSON, body.getBytes(UTF_8));
    }

    private static void assertRefused(int status, Runnable reading) {
        assertThatThrownBy(reading::run)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.status()).isEqualTo(status));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "TEXT/Plain;charset=UTF-8", "text/plain ; charset=\"utf-8\"; format=flowed"})
    void textShouldBeTaken(String contentType) {
        assertThat(Form.of(contentType)).isEqualTo(Form.TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/JSON; charset=utf-8"})
    void jsonShouldBeTaken(String contentType) {
        assertThat(Form.of(contentType)).isEqualTo(Form.JSON);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                ";",
                "text/html",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain; charset=iso-8859-1",
                "application/json; charset=utf-16",
                "text/plain, application/json"
            })
    void anotherFormShouldBeRefused(String contentType) {
        assertRefused(415, () -> Form.of(contentType));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Hello", "100%", "{\"a\":1}", "\n\0😀"})
    void textShouldBeThePayload(String text) {
        assertThat(Submission.read(Form.TEXT, text.getBytes(UTF_8)))
                .isEqualTo(new Submission(new Payload(text), Message.NO_TTL));
    }

    @Test
    void jsonShouldHoldThePayload() {
        assertThat(json("{\"payload\":\"a\\u0000\\ud83d\\ude00\"}"))
                .isEqualTo(new Submission(new Payload("a\0😀"), Message.NO_TTL));
        assertThat(json("{\"ttl\":5000,\"payload\":\"\"}")).isEqualTo(new Submission(new Payload(""), 5_000));
        assertThat(json("{\"ttl\":9223372036854775807,\"payload\":\"\"}").ttl()).isLessThan(Message.LIFE_OF_INBOX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Hello",
                "\"Hello\"",
                "[]",
                "null",
                "{}",
                "{\"payload\":1}",
                "{\"payload\":null}",
                "{\"payload\":{}}",
                "{\"payload\":\"a\",\"payload\":\"b\"}",
                "{\"payload\":\"a\"} x",
                "{\"payload\":\"a\"",
                "{\"payload\":\"a\",\"to\":\"rm.users.ann\"}",
                "{\"payload\":\"\\ud83d\"}",
                "{\"payload\":\"a\",\"ttl\":0}",
                "{\"payload\":\"a\",\"ttl\":-1}",
                "{\"payload\":\"a\",\"ttl\":1.5}",
                "{\"payload\":\"a\",\"ttl\":\"1\"}",
                "{\"payload\":\"a\",\"ttl\":null}",
                "{\"payload\":\"a\",\"ttl\":9223372036854775808}"
            })
    void anythingElseShouldBeABadRequest(String body) {
        assertRefused(400, () -> json(body));
    }

    @Test
    void deepNestingShouldBeABadRequest() {
        assertRefused(400, () -> json("[".repeat(100_000)));
    }

    @Test
    void whatIsNotUtf8ShouldBeABadRequest() {
        byte[] body = {'a', (byte) 0xff};
        assertRefused(400, () -> Submission.read(Form.TEXT, body));
        assertRefused(400, () -> Submission.read(Form.JSON, body));
    }

    @Test
    void aPayloadShouldBeMeasuredInUtf8AsItIsPublished() {
        assertThat(json("{\"payload\":\"\\u0061\\u00e9\"}").payloadBytes()).isEqualTo(3);
        assertThat(Submission.read(Form.TEXT, "é".getBytes(UTF_8)).payloadBytes())
                .isEqualTo(2);
    }

    @Test
    void aBodyShouldHaveRoomForAPayloadThatIsEscapedThroughout() {
        assertThat(Form.TEXT.maxBytes(MAX)).isEqualTo(MAX);
        assertThat(Form.JSON.maxBytes(MAX))
                .isGreaterThanOrEqualTo(("{\"payload\":\"" + "\\u0000".repeat(MAX) + "\"}").length());
        assertThat(Form.JSON.maxBytes(Integer.MAX_VALUE)).isPositive();
    }
}

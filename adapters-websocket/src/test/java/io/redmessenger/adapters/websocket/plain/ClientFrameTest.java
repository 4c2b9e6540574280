package io.redmessenger.adapters.websocket.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.server.Identifier;
import io.redmessenger.domain.message.MessageId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFrameTest {

    @Test
    void textShouldBeTheOriginalIdentifier() {
        assertThat(ClientFrame.parse("ann"))
                .isEqualTo(new ClientFrame.Identify(Identifier.of("ann", ""), false, false));
        assertThat(ClientFrame.parse("ann:k:1"))
                .isEqualTo(new ClientFrame.Identify(Identifier.of("ann", "k:1"), false, false));
    }

    @Test
    void anObjectShouldIdentify() {
        assertThat(ClientFrame.parse("{\"type\":\"identify\",\"uid\":\"ann\"}"))
                .isEqualTo(new ClientFrame.Identify(Identifier.of("ann", ""), true, false));
        assertThat(
                        ClientFrame.parse(
                                "{ \"ack\":\"explicit\", \"key\":\"\u00e9\\ud83d\\ude00\",\"uid\":\"ann\",\"type\":\"identify\",\"more\":[1]}"))
                .isEqualTo(new ClientFrame.Identify(Identifier.of("ann", "\u00e9\uD83D\uDE00"), true, true));
        assertThat(ClientFrame.parse("{\"type\":\"identify\",\"token\":\"a.b.c\"}"))
                .isEqualTo(new ClientFrame.IdentifyByToken(false));
        assertThat(ClientFrame.parse("{\"type\":\"identify\",\"token\":\"a.b.c\",\"ack\":\"explicit\"}"))
                .isEqualTo(new ClientFrame.IdentifyByToken(true));
    }

    @Test
    void anObjectShouldAcknowledge() {
        assertThat(ClientFrame.parse("{\"type\":\"ack\",\"id\":\"m-1\"}"))
                .isEqualTo(new ClientFrame.Acknowledge(new MessageId("m-1")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"type\":\"hello\"}|type must be",
                "{\"uid\":\"ann\"}|type must be",
                "{}|type must be",
                "{\"type\":[]}|type must be",
                "{\"type\":\"ack\"}|id must be a string",
                "{\"type\":\"ack\",\"id\":5}|id must be a string",
                "{\"type\":\"ack\",\"id\":\"\"}|message id must be",
                "{\"type\":\"ack\",\"id\":\"a b\"}|message id must be",
                "{\"type\":\"identify\"}|uid must be a string",
                "{\"type\":\"identify\",\"uid\":5}|uid must be a string",
                "{\"type\":\"identify\",\"uid\":null}|uid must be a string",
                "{\"type\":\"identify\",\"uid\":\"a:b\"}|user id must be",
                "{\"type\":\"identify\",\"uid\":\"ann\",\"key\":5}|key must be a string",
                "{\"type\":\"identify\",\"token\":5}|token must be a string",
                "{\"type\":\"identify\",\"uid\":\"ann\",\"ack\":\"never\"}|ack must be",
                "{\"type\":\"identify\",\"uid\":\"ann\",\"ack\":true}|ack must be",
                "{\"type\":\"identify\",\"uid\":\"ann\",\"ack\":null}|ack must be",
                "{\"type\":\"ack\",\"type\":\"ack\",\"id\":\"m1\"}|not a JSON object",
                "{\"type\":\"ack\",\"id\":\"m1\"} {}|not a JSON object",
                "{\"type\":\"ack\"|not a JSON object",
                "{type:'ack'}|not a JSON object",
                "{|not a JSON object"
            })
    void aBadObjectShouldSayWhatIsWrong(String text, String problem) {
        assertThat(ClientFrame.parse(text))
                .isInstanceOfSatisfying(
                        ClientFrame.Bad.class, bad -> assertThat(bad.problem()).startsWith(problem));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " ann", "[]", "a b:key", ":key", " {\"type\":\"ack\"}", "\u0000", "100%"})
    void badTextShouldBeABadUserId(String text) {
        assertThat(ClientFrame.parse(text))
                .isInstanceOfSatisfying(
                        ClientFrame.Bad.class, bad -> assertThat(bad.problem()).startsWith("user id must be"));
    }

    @Test
    void deepNestingShouldBeRefused() {
        String nested = "{\"type\":\"ack\",\"id\":\"m1\",\"x\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}";
        assertThat(ClientFrame.parse(nested)).isInstanceOf(ClientFrame.Bad.class);
    }

    @Test
    void aKeyThatIsTooLongShouldBeRefused() {
        assertThat(ClientFrame.parse("ann:" + "k".repeat(4096))).isInstanceOf(ClientFrame.Identify.class);
        assertThat(ClientFrame.parse("ann:" + "k".repeat(4097)))
                .isEqualTo(new ClientFrame.Bad("a key must be 1 to 4096 characters, got 4097"));
    }
}

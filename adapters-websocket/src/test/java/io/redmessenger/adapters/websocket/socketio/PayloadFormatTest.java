package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadFormatTest {

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        IntStream.range(0, values.length).forEach(i -> bytes[i] = (byte) values[i]);
        return bytes;
    }

    private static List<Packet> messages(String... texts) {
        return List.of(texts).stream().map(Packet::message).toList();
    }

    // ---- as the protocols' documents print them

    @Test
    void separatedShouldHaveARecordSeparatorBetweenPackets() {
        assertThat(PayloadFormat.SEPARATED.encode(messages("hello", "€"))).isEqualTo(utf8("4hello\u001e4€"));
        assertThat(PayloadFormat.SEPARATED.encode(List.of(Packet.PING))).isEqualTo(utf8("2"));
        assertThat(PayloadFormat.SEPARATED.decode(utf8("4hello\u001e2\u001e4€")))
                .containsExactly("4hello", "2", "4€");
    }

    @Test
    void separatedShouldNotSwallowEmptyPackets() {
        assertThat(PayloadFormat.SEPARATED.decode(utf8(""))).containsExactly("");
        assertThat(PayloadFormat.SEPARATED.decode(utf8("2\u001e"))).containsExactly("2", "");
    }

    @Test
    void countedShouldHaveTheNumberOfCharactersBeforeEachPacket() {
        assertThat(PayloadFormat.COUNTED.encode(messages("hello", ""))).isEqualTo(utf8("6:4hello1:4"));
        assertThat(PayloadFormat.COUNTED.decode(utf8("6:4hello2:4€"))).containsExactly("4hello", "4€");
    }

    @Test
    void countedShouldCountAsJavaScriptDoes() {
        assertThat(PayloadFormat.COUNTED.encode(messages("ü€😀"))).isEqualTo(utf8("5:4ü€😀"));
        assertThat(PayloadFormat.COUNTED.decode(utf8("5:4ü€😀1:2"))).containsExactly("4ü€😀", "2");
    }

    @Test
    void binaryShouldHaveTheNumberOfBytesInDigitsBeforeEachPacket() {
        assertThat(PayloadFormat.BINARY.encode(messages("ü", "123456789")))
                .isEqualTo(bytes(
                        0, 3, 255, '4', 0xc3, 0xbc, 0, 1, 0, 255, '4', '1', '2', '3', '4', '5', '6', '7', '8', '9'));
        assertThat(PayloadFormat.BINARY.decode(bytes(0, 3, 255, '4', 0xc3, 0xbc, 0, 1, 255, '2')))
                .containsExactly("4ü", "2");
    }

    @Test
    void contentTypesShouldBeThoseThatClientsLookFor() {
        assertThat(PayloadFormat.BINARY.contentType()).isEqualTo("application/octet-stream");
        assertThat(PayloadFormat.COUNTED.contentType()).isEqualTo("text/plain; charset=UTF-8");
        assertThat(PayloadFormat.SEPARATED.contentType()).isEqualTo("text/plain; charset=UTF-8");
    }

    // ---- what is not in the format

    @ParameterizedTest
    @ValueSource(
            strings = {"4hello", ":4", "-1:4", "+1:4", "x:4", "1.0:4", "7:4hello", "1:", "1:4x", "٣:412", "9999999999:4"
            })
    void countedShouldRefuse(String body) {
        assertThatIllegalArgumentException().isThrownBy(() -> PayloadFormat.COUNTED.decode(utf8(body)));
    }

    @Test
    void binaryShouldRefuseWhatIsCutOff() {
        byte[] whole = bytes(0, 1, 0, 255, '4', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        for (int length = 1; length < whole.length; length++) {
            byte[] part = java.util.Arrays.copyOf(whole, length);
            assertThatIllegalArgumentException().isThrownBy(() -> PayloadFormat.BINARY.decode(part));
        }
        assertThat(PayloadFormat.BINARY.decode(whole)).containsExactly("4123456789");
    }

    @Test
    void binaryShouldRefuseBinaryPacketsAndBadLengths() {
        for (byte[] body : List.of(
                bytes(1, 1, 255, 4), // a packet of bytes
                bytes(0, 255, '4'),
                bytes(0, '1', 255, '4'),
                bytes(0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255, '4'),
                bytes('4', 'x'))) {
            assertThatIllegalArgumentException().isThrownBy(() -> PayloadFormat.BINARY.decode(body));
        }
    }

    @ParameterizedTest
    @EnumSource
    void allShouldRefuseWhatIsNotUtf8(PayloadFormat format) {
        byte[] bad = bytes(0, 2, 255, '4', 0xc3);
        byte[] body = format == PayloadFormat.BINARY ? bad : bytes('2', ':', '4', 0xc3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.decode(body))
                .withMessage("not UTF-8");
    }

    // ---- anything

    @ParameterizedTest
    @EnumSource
    void whatWasEncodedShouldBeDecoded(PayloadFormat format) {
        Random random = new Random(20150801);
        for (int round = 0; round < 500; round++) {
            List<String> texts = IntStream.rangeClosed(0, random.nextInt(5))
                    .mapToObj(i -> text(random))
                    .toList();
            byte[] body = format.encode(texts.stream().map(Packet::message).toList());
            assertThat(format.decode(body))
                    .isEqualTo(texts.stream().map(text -> "4" + text).toList());
        }
    }

    /** Characters of every length in UTF-8, but for the separator, which no JSON has. */
    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> 0x20 + random.nextInt(0x5f);
                        case 1 -> 0x80 + random.nextInt(0x700);
                        case 2 -> 0x2000 + random.nextInt(0x1000);
                        default -> 0x1f600 + random.nextInt(80);
                    });
        }
        return text.toString();
    }

    @ParameterizedTest
    @EnumSource
    void randomBytesShouldBeReadOrRefused(PayloadFormat format) {
        Random random = new Random(4);
        byte[] likely = bytes(0, 1, 2, 9, 255, ':', '1', '2', '4', 0x1e, 0xc3, 0xbc);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] body = new byte[random.nextInt(24)];
            for (int i = 0; i < body.length; i++) {
                body[i] = random.nextInt(8) == 0 ? (byte) random.nextInt(256) : likely[random.nextInt(likely.length)];
            }
            try {
                assertThat(format.decode(body)).doesNotContainNull();
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 19_990);
    }
}

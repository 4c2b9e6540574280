package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8ValidatorTest {
    @Test
    void validateShouldAcceptEveryCodePointInAnyPieces() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (codePoint == Character.MIN_SURROGATE) {
                codePoint = Character.MAX_SURROGATE + 1;
            }
            byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
            int state = Utf8Validator.COMPLETE;
            for (int i = 0; i < bytes.length; i++) {
                state = Utf8Validator.validate(state, bytes, i, 1);
                assertThat(state == Utf8Validator.COMPLETE)
                        .as("U+%x after byte %d", codePoint, i)
                        .isEqualTo(i == bytes.length - 1);
                assertThat(state).isNotEqualTo(Utf8Validator.INVALID);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "80, 0",
        "bf, 0",
        "c0, 0",
        "c1bf, 0",
        "f5, 0",
        "ff, 0",
        "c220, 1",
        "e080, 1",
        "e09f, 1",
        "eda0, 1",
        "edbf, 1",
        "e28220, 2",
        "f08f, 1",
        "f490, 1",
        "f4908080, 1",
        "f0908020, 3",
        "cebae1bdb9cf83cebcceb5eda080656469746564, 12",
        "6161616161616161616161ff61, 11",
        "6161616161616161e28280ff, 11"
    })
    void validateShouldFailAtTheFirstByteThatCannotBelong(String hex, int position) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        int before = Utf8Validator.validate(Utf8Validator.COMPLETE, bytes, 0, position);
        int after = Utf8Validator.validate(Utf8Validator.COMPLETE, bytes, 0, position + 1);

        assertThat(before).isNotEqualTo(Utf8Validator.INVALID);
        assertThat(after).isEqualTo(Utf8Validator.INVALID);
        assertThat(Utf8Validator.validate(before, bytes, position, 1)).isEqualTo(Utf8Validator.INVALID);
    }

    @Test
    void validateShouldAgreeWithTheDecoderOfTheJdkOnRandomBytes() {
        Random random = new Random(42);
        int valid = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = randomBytes(random);
            int cut = random.nextInt(bytes.length + 1);
            int state = Utf8Validator.validate(Utf8Validator.COMPLETE, bytes, 0, cut);
            if (state != Utf8Validator.INVALID) {
                state = Utf8Validator.validate(state, bytes, cut, bytes.length - cut);
            }
            boolean expected = isUtf8(bytes);
            valid += expected ? 1 : 0;
            assertThat(state == Utf8Validator.COMPLETE)
                    .as(HexFormat.of().formatHex(bytes))
                    .isEqualTo(expected);
        }
        assertThat(valid).isBetween(20_000, 180_000);
    }

    /** Valid text of a few characters, in half of the cases with one byte changed. */
    private static byte[] randomBytes(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = 1 + random.nextInt(12); length > 0; length--) {
            int bits = 1 + random.nextInt(20);
            int codePoint = random.nextInt(1 << bits);
            text.appendCodePoint(codePoint >= 0xd800 && codePoint <= 0xdfff ? 'x' : codePoint);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)) != null;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

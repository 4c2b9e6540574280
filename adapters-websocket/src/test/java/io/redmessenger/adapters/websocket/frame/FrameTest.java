package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    @ParameterizedTest
    @CsvSource({
        "0, 8100",
        "1, 8101",
        "125, 817d",
        "126, 817e007e",
        "65535, 817effff",
        "65536, 817f0000000000010000",
        "100000, 817f00000000000186a0"
    })
    void textShouldEncodeTheLengthInTheFewestBytes(int length, String header) {
        byte[] bytes = bytes(Frame.text("x".repeat(length)));

        assertThat(HexFormat.of().formatHex(bytes, 0, header.length() / 2)).isEqualTo(header);
        assertThat(bytes).hasSize(length + header.length() / 2);
    }

    @Test
    void framesShouldBeThoseOfTheRfc() {
        assertThat(HexFormat.of().formatHex(bytes(Frame.text("Hello")))).isEqualTo("810548656c6c6f");
        assertThat(HexFormat.of().formatHex(bytes(Frame.binary(new byte[] {1, 2}))))
                .isEqualTo("82020102");
        assertThat(HexFormat.of().formatHex(bytes(Frame.ping(0x0102)))).isEqualTo("89080000000000000102");
        assertThat(HexFormat.of().formatHex(bytes(Frame.close(1001, "é")))).isEqualTo("880403e9c3a9");
        assertThat(HexFormat.of().formatHex(bytes(Frame.close(1005, "")))).isEqualTo("8800");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1006, 1015, 2999, 5000})
    void closeShouldRefuseCodesThatMustNotBeSent(int code) {
        assertThatThrownBy(() -> Frame.close(code, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got " + code);
    }

    @Test
    void closeShouldRefuseAReasonThatDoesNotFit() {
        assertThat(Frame.close(1000, "r".repeat(123)).length()).isEqualTo(127);
        assertThatThrownBy(() -> Frame.close(1000, "é".repeat(62)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 124");
    }

    @Test
    void copyToShouldContinueWhereTheTargetWasFull() {
        Frame frame = Frame.text("Hello");
        ByteBuffer three = ByteBuffer.allocate(3);

        assertThat(frame.copyTo(three, 0)).isEqualTo(3);
        assertThat(frame.copyTo(three.clear(), 3)).isEqualTo(3);
        assertThat(three.array()).containsExactly('e', 'l', 'l');
        assertThat(frame.copyTo(three.clear(), 6)).isEqualTo(1);
    }

    private static byte[] bytes(Frame frame) {
        ByteBuffer buffer = ByteBuffer.allocate(frame.length());
        assertThat(frame.copyTo(buffer, 0)).isEqualTo(frame.length());
        return buffer.array();
    }
}

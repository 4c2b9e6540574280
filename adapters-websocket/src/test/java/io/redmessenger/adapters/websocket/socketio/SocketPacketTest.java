package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redmessenger.adapters.websocket.Client;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketPacketTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "0|CONNECT|/|-1|-",
                "0{\"token\":\"x\"}|CONNECT|/|-1|{\"token\":\"x\"}",
                "0/rm,|CONNECT|/rm|-1|-",
                "0/rm|CONNECT|/rm|-1|-",
                "0/rm?a=1&b=2|CONNECT|/rm|-1|-",
                "0/rm?a=1,{}|CONNECT|/rm|-1|{}",
                "0/rm,{\"uid\":\"ann\"}|CONNECT|/rm|-1|{\"uid\":\"ann\"}",
                "1|DISCONNECT|/|-1|-",
                "1/rm,|DISCONNECT|/rm|-1|-",
                "2[\"a\"]|EVENT|/|-1|[\"a\"]",
                "212[\"a\",1]|EVENT|/|12|[\"a\",1]",
                "2/rm,0[\"a\",{}]|EVENT|/rm|0|[\"a\",{}]",
                "2/rm,999999999999999[\"a\"]|EVENT|/rm|999999999999999|[\"a\"]",
                "2[7]|EVENT|/|-1|[7]",
                "3/rm,7[]|ACK|/rm|7|[]",
                "30[1]|ACK|/|0|[1]"
            })
    void shouldBeRead(String text, SocketPacket.Type type, String namespace, long id, @Nullable String data) {
        SocketPacket packet = SocketPacket.parse(text);
        assertThat(packet.type()).isEqualTo(type);
        assertThat(packet.namespace()).isEqualTo(namespace);
        assertThat(packet.id()).isEqualTo(id);
        if (data == null) {
            assertThat(packet.data().isMissingNode()).isTrue();
        } else {
            assertThat(packet.data()).isEqualTo(Client.json(data));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "x",
                "-",
                "٠",
                "0[]",
                "0\"x\"",
                "0null",
                "0/rm,[]",
                "1{}",
                "1/rm,[]",
                "2",
                "2{}",
                "2[]",
                "2[null]",
                "2[{}]",
                "2[\"a\"",
                "2[\"a\"]]",
                "2[\"a\"] x",
                "2[\"\u0001\"]",
                "2/rm[\"a\"]",
                "21",
                "2/rm,",
                "2/rm,1",
                "21000000000000000[\"a\"]",
                "3",
                "31{}",
                "4",
                "4{\"message\":\"x\"}",
                "5",
                "51-[\"a\",{\"_placeholder\":true,\"num\":0}]",
                "599999999999-[\"a\"]",
                "61-1[{\"_placeholder\":true,\"num\":0}]"
            })
    void shouldBeRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SocketPacket.parse(text));
    }

    @Test
    void refusalsShouldNotRepeatWhatTheClientSent() {
        for (String text : new String[] {"2[\"identifier\",secret]", "2secret", "0{\"uid\":secret}"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SocketPacket.parse(text))
                    .withMessageNotContaining("secret");
        }
    }

    @Test
    void aNamespaceShouldBeBounded() {
        assertThat(SocketPacket.parse("0/" + "n".repeat(255)).namespace()).hasSize(256);
        assertThatIllegalArgumentException().isThrownBy(() -> SocketPacket.parse("0/" + "n".repeat(256)));
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 1_000, 1_000_000})
    void deepNestingShouldBeRefused(int depth) {
        assertThatIllegalArgumentException().isThrownBy(() -> SocketPacket.parse("2[\"a\"," + "[".repeat(depth)));
        String closed = "2[\"a\"," + "[".repeat(depth) + "]".repeat(depth) + "]";
        assertThatIllegalArgumentException().isThrownBy(() -> SocketPacket.parse(closed));
    }

    @Test
    void aHugeNumberShouldBeRefusedOrRead() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketPacket.parse("2[\"a\"," + "9".repeat(100_000) + "]"));
        assertThat(SocketPacket.parse("2[\"a\",1e999999999]").id()).isEqualTo(SocketPacket.NO_ID);
    }

    @Test
    void randomTextShouldBeReadOrRefused() {
        Random random = new Random(5);
        String likely = "01234567/rm,?-[]{}\":ax \\u00e9\u0000\ud83d";
        int read = 0;
        int rounds = 50_000;
        for (int round = 0; round < rounds; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(16); i > 0; i--) {
                text.append(likely.charAt(random.nextInt(likely.length())));
            }
            try {
                assertThat(SocketPacket.parse(text.toString()).namespace()).startsWith("/");
                read++;
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).hasSizeLessThan(100);
            }
        }
        assertThat(read).isBetween(100, rounds - 100);
    }
}

package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest implements FrameReader.Listener {

    private static final String HEAD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    private final List<String> found = new ArrayList<>();
    private final FrameReader reader = new FrameReader(this);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000, 1 << 20})
    void readShouldFindTheSameInPiecesOfAnySize(int piece) throws IOException {
        String middle = "m".repeat(126);
        String large = "l".repeat(70_000);
        byte[] all = concat(
                HEAD.getBytes(UTF_8),
                frame(0x1, "short"),
                frame(0x9, "12345678"),
                frame(0x1, middle),
                frame(0x1, large),
                frame(0x8, "end"));

        for (int at = 0; at < all.length; at += piece) {
            byte[] bytes = Arrays.copyOfRange(all, at, Math.min(all.length, at + piece));
            reader.read(bytes, bytes.length);
        }

        assertThat(found)
                .containsExactly(
                        "opened", "text short", "ping 12345678", "text " + middle, "text " + large, "close end");
    }

    @Test
    void readShouldFailWhenTheHandshakeIsRefused() {
        byte[] bytes = "HTTP/1.1 503 Service Unavailable\r\n\r\n".getBytes(UTF_8);

        assertThatThrownBy(() -> reader.read(bytes, bytes.length))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("503");
    }

    private static byte[] frame(int opcode, String payload) {
        byte[] bytes = payload.getBytes(UTF_8);
        ByteBuffer head = ByteBuffer.allocate(10).put((byte) (0x80 | opcode));
        if (bytes.length < 126) {
            head.put((byte) bytes.length);
        } else if (bytes.length <= 0xffff) {
            head.put((byte) 126).putShort((short) bytes.length);
        } else {
            head.put((byte) 127).putLong(bytes.length);
        }
        return concat(Arrays.copyOf(head.array(), head.position()), bytes);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Override
    public void opened() {
        found.add("opened");
    }

    @Override
    public void text(byte[] bytes, int offset, int length) {
        found.add("text " + new String(bytes, offset, length, UTF_8));
    }

    @Override
    public void ping(byte[] bytes, int offset, int length) {
        found.add("ping " + new String(bytes, offset, length, UTF_8));
    }

    @Override
    public void close(byte[] bytes, int offset, int length) {
        found.add("close " + new String(bytes, offset, length, UTF_8));
    }
}

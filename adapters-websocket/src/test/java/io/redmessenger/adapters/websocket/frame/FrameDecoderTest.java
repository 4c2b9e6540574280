package io.redmessenger.adapters.websocket.frame;

import static io.redmessenger.adapters.websocket.frame.ClientFrames.FIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameDecoderTest {
    private static final class Recorder extends FrameDecoder {
        final List<String> events = new ArrayList<>();

        Recorder(int maxMessageBytes) {
            super(maxMessageBytes);
        }

        @Override
        void text(String text) {
            events.add("text:" + text);
        }

        @Override
        void binary(ByteBuffer payload) {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            events.add("binary:" + HexFormat.of().formatHex(bytes));
        }

        @Override
        void ping(byte[] buffer, int offset, int payloadLength) {
            events.add("pong:" + HexFormat.of().formatHex(buffer, offset, offset + payloadLength));
        }

        @Override
        void pong(byte[] buffer, int offset, int payloadLength) {}

        @Override
        void close(int code, String reason) {
            events.add("close:" + code);
        }

        @Override
        void failed(int code, String reason) {
            events.add("close:" + code);
        }
    }

    static List<WireCase> cases() {
        return WireCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decodeShouldYieldTheSameInOnePieceAndInAnyPieces(WireCase wire) {
        byte[] sent = wire.sent();
        Recorder whole = new Recorder(WireCase.MAX_MESSAGE_BYTES);
        whole.decode(wire.sent(), 0, sent.length);
        assertThat(whole.events).isEqualTo(wire.answers());

        Random random = new Random(7);
        for (int most : new int[] {1, 2, 3, 7, 64, 1500, 65_536}) {
            Recorder pieces = new Recorder(WireCase.MAX_MESSAGE_BYTES);
            for (int from = 0; from < sent.length; ) {
                int count = Math.min(1 + random.nextInt(most), sent.length - from);
                // at an odd place of a larger buffer, as it happens on a socket
                byte[] buffer = new byte[count + 10];
                System.arraycopy(sent, from, buffer, 5, count);
                pieces.decode(buffer, 5, 5 + count);
                from += count;
            }
            assertThat(pieces.events).as("pieces of at most %d", most).isEqualTo(wire.answers());
            assertThat(pieces.heldBytes()).isZero();
        }
    }

    @Test
    void decodeShouldReassembleRandomMessagesInRandomFragments() {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            List<String> expected = new ArrayList<>();
            byte[] sent = {};
            for (int messages = 1 + random.nextInt(5); messages > 0; messages--) {
                byte[] payload = new byte[random.nextInt(600)];
                random.nextBytes(payload);
                expected.add("binary:" + HexFormat.of().formatHex(payload));
                int opcode = Frame.BINARY;
                int from = 0;
                while (opcode >= 0) {
                    int to = from + random.nextInt(payload.length - from + 1);
                    boolean last = random.nextInt(4) == 0;
                    to = last ? payload.length : to;
                    byte[] part = Arrays.copyOfRange(payload, from, to);
                    sent = ClientFrames.join(sent, ClientFrames.frame(opcode | (last ? FIN : 0), part));
                    opcode = last ? -1 : Frame.CONTINUATION;
                    from = to;
                }
            }
            Recorder recorder = new Recorder(600);
            for (int from = 0; from < sent.length; ) {
                int count = Math.min(1 + random.nextInt(200), sent.length - from);
                recorder.decode(sent, from, from + count);
                from += count;
            }
            assertThat(recorder.events).isEqualTo(expected);
        }
    }

    @Test
    void decodeShouldHoldNoMoreThanTwiceWhatHasArrived() {
        Recorder recorder = new Recorder(1 << 20);
        byte[] start = ClientFrames.frame(FIN | Frame.TEXT, 8, 1 << 20, new byte[100]);

        recorder.decode(start, 0, start.length);

        assertThat(recorder.heldBytes()).isBetween(100, 200);
    }

    @Test
    void decodeShouldHoldNothingBetweenMessages() {
        Recorder recorder = new Recorder(1000);
        byte[] message = ClientFrames.text("x".repeat(500));

        recorder.decode(message.clone(), 0, 300);
        assertThat(recorder.heldBytes()).isPositive();
        recorder.decode(message.clone(), 300, message.length);

        assertThat(recorder.heldBytes()).isZero();
        assertThat(recorder.events).hasSize(1);
    }

    @Test
    void stopShouldIgnoreTheRestOfThePieceWhenCalledFromWithin() {
        List<String> events = new ArrayList<>();
        FrameDecoder decoder = new FrameDecoder(1000) {
            @Override
            void text(String text) {
                events.add(text);
                stop();
            }

            @Override
            void binary(ByteBuffer payload) {}

            @Override
            void ping(byte[] buffer, int offset, int payloadLength) {}

            @Override
            void pong(byte[] buffer, int offset, int payloadLength) {}

            @Override
            void close(int code, String reason) {}

            @Override
            void failed(int code, String reason) {}
        };
        byte[] two = ClientFrames.join(ClientFrames.text("one"), ClientFrames.text("two"));

        decoder.decode(two, 0, two.length);

        assertThat(events).containsExactly("one");
    }
}

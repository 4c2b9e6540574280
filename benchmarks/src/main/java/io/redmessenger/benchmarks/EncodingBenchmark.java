package io.redmessenger.benchmarks;

import io.redmessenger.adapters.websocket.frame.Frame;
import io.redmessenger.adapters.websocket.server.MessageFrames;
import io.redmessenger.adapters.websocket.server.MessageJson;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a message of 128 characters to the frame that clients get. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodingBenchmark {

    /** How many connections get the same message. */
    static final int CONNECTIONS = 1_000;

    private final Message message = message();
    private final byte[] json = MessageJson.encode(message, false, false);

    /** Equal, but not the same, so that each is a new message to what remembers the last one. */
    private final Delivery.Offered[] offered = {offered(message()), offered(message())};

    private int turn;

    private static Message message() {
        return new Message(
                new MessageId("01J8Z3K4M5N6P7Q8R9S0T1V2W3"),
                "rm.channels.cats",
                1_438_480_701_712L,
                new Payload("x".repeat(128)));
    }

    private static Delivery.Offered offered(Message message) {
        return new Delivery.Offered(1, message, 1, false, 0);
    }

    @Benchmark
    public byte[] json() {
        return MessageJson.encode(message, false, false);
    }

    @Benchmark
    public Frame frame() {
        return Frame.text(json);
    }

    /** A new message, and its frame for each of a thousand connections. */
    @Benchmark
    public int frameForAThousand() {
        turn ^= 1;
        int bytes = 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            bytes += MessageFrames.frameOf(offered[turn], false).length();
        }
        return bytes;
    }
}

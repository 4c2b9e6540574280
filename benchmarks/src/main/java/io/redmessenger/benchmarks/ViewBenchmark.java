package io.redmessenger.benchmarks;

import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.View;
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

/** What is kept of a message between its offer and its acknowledgement, the window included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ViewBenchmark {

    /** How many one acknowledgement is for, under load. */
    static final int BATCH = 64;

    private final Message message = new Message(
            new MessageId("01J8Z3K4M5N6P7Q8R9S0T1V2W3"),
            "rm.users.user1",
            1_438_480_701_712L,
            new Payload("x".repeat(128)));
    private final View view = new View();
    private long position;

    public ViewBenchmark() {
        view.begin(1, 0, 0, 0);
        while (position < 4 * BATCH) { // opens the window wide enough
            view.acknowledge(offer(), 0);
        }
    }

    private long offer() {
        return view.appended(new Delivery.Queued(++position, message), 0)
                .orElseThrow(() -> new IllegalStateException("the view has fallen behind"))
                .sequence();
    }

    /** One message, offered and acknowledged. */
    @Benchmark
    public int one() {
        return view.acknowledge(offer(), 0).size();
    }

    /** So many messages, acknowledged at once. */
    @Benchmark
    public int batchOf64() {
        long last = 0;
        for (int i = 0; i < BATCH; i++) {
            last = offer();
        }
        return view.acknowledge(last, 0).size();
    }
}

package io.redmessenger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.redmessenger.adapters.redis.ScriptBenchmark;
import io.redmessenger.adapters.websocket.frame.FrameBenchmark;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guards what the hot path allocates, which is the same on every machine, however busy. Escape analysis is switched off for
 * it, so that the figures are those of the source and not of how far the compiler has come. A bound is a tenth above what was
 * measured: who makes the code allocate less lowers it, and who needs to raise it says why.
 *
 * <p>Counted is the caller's thread only. {@code docs/benchmarks.md} has the table.
 */
class AllocationTest {

    private static final int ROUNDS = 5;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @SuppressWarnings("NullAway.Init") // by open
    private static FrameBenchmark frames;

    /** The result of the last operation, so that none of it can be left out. */
    @SuppressWarnings("unused")
    private static volatile @Nullable Object result;

    private static long sum;

    @BeforeAll
    static void open() {
        frames = new FrameBenchmark();
    }

    @AfterAll
    static void close() {
        frames.close();
    }

    static Stream<Arguments> operations() {
        EncodingBenchmark encoding = new EncodingBenchmark();
        ViewBenchmark view = new ViewBenchmark();
        ScriptBenchmark scripts = new ScriptBenchmark();
        FanOutBenchmark fanOut = new FanOutBenchmark();
        return Stream.of(
                operation("a message's JSON for clients", 1, encoding::json, 1010),
                operation("a frame of it", 1, encoding::frame, 320),
                operation(
                        "JSON and frame, per one of 1,000 connections",
                        1_000,
                        counted(encoding::frameForAThousand),
                        1.4),
                operation("a frame sent, per one of 1,000 connections", 1_000, counted(frames::sendToAThousand), 62),
                operation("a pong taken apart", 1, counted(frames::pong), 0.1),
                operation("an acknowledgement as text taken apart", 1, counted(frames::text), 97),
                operation("a message offered and acknowledged", 1, counted(view::one), 238),
                operation("the same, per one of 64 acknowledged at once", 64, counted(view::batchOf64), 166),
                operation("an inbox entry written", 1, scripts::entry, 980),
                operation("an inbox entry read", 1, scripts::entryRead, 1340),
                operation(
                        "arguments of append, per one of 1,000 inboxes",
                        1_000,
                        counted(scripts::appendToAThousand),
                        161),
                operation("arguments of acknowledge, per inbox", 1_000, counted(scripts::acknowledgeByAThousand), 800),
                operation(
                        "publish to acknowledge in the application, per member",
                        1_000,
                        counted(fanOut::toAThousand),
                        866));
    }

    private static Arguments operation(String name, int parts, Supplier<?> step, double bound) {
        return Arguments.of(name, parts, step, bound);
    }

    /** Without the box that a number would need to be a result. */
    private static Supplier<?> counted(LongSupplier step) {
        return () -> {
            sum += step.getAsLong();
            return "";
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void operationShouldAllocateNoMoreThanItsBound(String name, int parts, Supplier<?> step, double bound) {
        double bytes = bytesPerCall(step, Math.max(20, 2_000 / parts)) / parts;

        System.out.printf("%8.1f bytes: %s%n", bytes, name);
        assertThat(bytes).as("bytes that were allocated for %s", name).isLessThanOrEqualTo(bound);
    }

    /** Guards against a measurement that counts nothing. */
    @Test
    void measurementShouldCountEveryByte() {
        assertThat(bytesPerCall(() -> new byte[1_000 - 16], 1_000)).isEqualTo(1_000.0);
    }

    /** Guards against a fan-out that reaches nobody. */
    @Test
    void fanOutShouldReachEveryMemberAndComeBack() {
        FanOutBenchmark fanOut = new FanOutBenchmark();

        long first = fanOut.toAThousand();
        long second = fanOut.toAThousand();

        assertThat(second - first).isEqualTo(FanOutBenchmark.MEMBERS);
        assertThat(fanOut.acknowledged()).isEqualTo(2L * FanOutBenchmark.MEMBERS);
    }

    /** The least of some rounds: what classes, tables and buffers cost once is in the other ones. */
    private static double bytesPerCall(Supplier<?> step, int calls) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < calls; i++) {
                result = step.get();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return (double) least / calls;
    }
}

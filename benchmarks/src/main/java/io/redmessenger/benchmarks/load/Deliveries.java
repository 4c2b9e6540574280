package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * What became of the messages. Each carries, as the beginning of its payload, when it was to be published; its latency
 * counts from there, so that a publisher or a server that stalls makes every message late that was due meanwhile.
 *
 * <p>One thread records. The counts may be read at any time, the histogram when that thread has ended.
 */
final class Deliveries {

    private static final byte[] PAYLOAD = "\"payload\":\"".getBytes(US_ASCII);
    private static final byte[] REDELIVERED = "\"redelivered\":true".getBytes(US_ASCII);

    private final long measureFrom;
    private final Histogram latencies = new Histogram(3); // microseconds
    private final AtomicLong all = new AtomicLong();
    private final AtomicLong measured = new AtomicLong();
    private final AtomicLong redelivered = new AtomicLong();

    /** @param measureFrom messages that were due earlier are warm-up, and not measured; nanoseconds from the first */
    Deliveries(long measureFrom) {
        this.measureFrom = measureFrom;
    }

    /** The payload of a message that is due so many nanoseconds after the first; of {@code size} bytes, at least 20. */
    static String payload(long due, int size) {
        String head = due + " ";
        return head + "x".repeat(Math.max(0, size - head.length()));
    }

    /** @param now nanoseconds since the first message was due */
    void record(byte[] json, int offset, int length, long now) throws IOException {
        int end = offset + length;
        int payload = Bytes.indexOf(json, offset, end, PAYLOAD);
        if (payload < 0) {
            throw new IOException("a message without payload: " + new String(json, offset, length, US_ASCII));
        }
        long due = 0;
        for (int i = payload + PAYLOAD.length; i < end && json[i] >= '0' && json[i] <= '9'; i++) {
            due = due * 10 + json[i] - '0';
        }
        if (Bytes.indexOf(json, offset, payload, REDELIVERED) >= 0) {
            redelivered.incrementAndGet();
        }
        all.incrementAndGet();
        if (due >= measureFrom) {
            measured.incrementAndGet();
            latencies.recordValue(Math.max(0, now - due) / 1_000);
        }
    }

    /** Warm-up included. */
    long all() {
        return all.get();
    }

    /** Without warm-up. */
    long measured() {
        return measured.get();
    }

    /** How many were marked as possibly shown before, warm-up included. */
    long redelivered() {
        return redelivered.get();
    }

    /** Latencies without warm-up, in microseconds. */
    Histogram latencies() {
        return latencies;
    }
}

package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.Telemetry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers the counts. Safe for concurrent use. */
public final class CountingTelemetry implements Telemetry {

    private final Map<Event, Long> counts = new ConcurrentHashMap<>();

    @Override
    public void count(Event event, long amount) {
        counts.merge(event, amount, Long::sum);
    }

    /** How many of {@code event} were counted so far. */
    public long of(Event event) {
        return counts.getOrDefault(event, 0L);
    }
}

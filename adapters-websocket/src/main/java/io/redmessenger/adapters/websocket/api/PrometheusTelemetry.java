package io.redmessenger.adapters.websocket.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.redmessenger.application.port.out.Telemetry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;

/** Counts with Micrometer, and tells Prometheus. Event {@code STORED} is the counter {@code redmessenger_stored_total}. */
public final class PrometheusTelemetry implements Telemetry {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Event, Counter> counters = new EnumMap<>(Event.class);

    public PrometheusTelemetry() {
        for (Event event : Event.values()) {
            String name =
                    "redmessenger." + event.name().toLowerCase(Locale.ROOT).replace('_', '.');
            counters.put(event, registry.counter(name));
        }
    }

    @Override
    public void count(Event event, long amount) {
        Counter counter = counters.get(event);
        if (counter != null) {
            counter.increment((double) amount);
        }
    }

    /** Shows what {@code value} says whenever it is asked. */
    public void gauge(String name, IntSupplier value) {
        Gauge.builder(name, value::getAsInt).strongReference(true).register(registry);
    }

    /** The metrics in Prometheus' text format 0.0.4. */
    String scrape() {
        return registry.scrape();
    }
}

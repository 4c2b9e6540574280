package io.redmessenger.adapters.redis;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Two nodes on one Redis, and more on demand. */
final class Nodes {

    private final RedisExtension redis;
    private final CountingTelemetry telemetry = new CountingTelemetry();
    private final List<RedisAdapter> adapters = new ArrayList<>();

    Nodes(RedisExtension redis) {
        this.redis = redis;
    }

    void start() {
        another("here");
        another("there");
    }

    RedisAdapter here() {
        return adapters.get(0);
    }

    RedisAdapter there() {
        return adapters.get(1);
    }

    RedisAdapter another(String name) {
        RedisAdapter adapter = new RedisAdapter(RedisSettings.of(redis.uri()), name, telemetry, Clock.systemUTC());
        Await.value(adapter.start());
        adapters.add(adapter);
        return adapter;
    }

    CountingTelemetry telemetry() {
        return telemetry;
    }

    void stop() {
        adapters.forEach(adapter -> Await.value(adapter.stop()));
        adapters.clear();
    }
}

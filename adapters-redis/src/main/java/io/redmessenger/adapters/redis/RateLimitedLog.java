package io.redmessenger.adapters.redis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;

/** Warns at most once per kind and 10 s, and says how many warnings that left out. Safe for concurrent use. */
final class RateLimitedLog {

    private static final long INTERVAL_NANOS = 10_000_000_000L;

    private final Logger log;
    private final LongSupplier nanoTime;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    RateLimitedLog(Logger log) {
        this(log, System::nanoTime);
    }

    RateLimitedLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    private static final class Kind {
        private boolean logged;
        private long at;
        private long suppressed;

        /** Returns how many were left out since the last line; -1 when this one is left out too. */
        synchronized long next(long now) {
            if (logged && now - at < INTERVAL_NANOS) {
                suppressed++;
                return -1;
            }
            long left = suppressed;
            suppressed = 0;
            logged = true;
            at = now;
            return left;
        }
    }

    /** @param message made only when it is written */
    void warn(String kind, Supplier<String> message) {
        long suppressed = kinds.computeIfAbsent(kind, name -> new Kind()).next(nanoTime.getAsLong());
        if (suppressed == 0) {
            log.warn("{}", message.get());
        } else if (suppressed > 0) {
            log.warn("{} ({} more of this kind since the last such line)", message.get(), suppressed);
        }
    }
}

package io.redmessenger.application.log;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;

/**
 * Warns at most once in ten seconds about each kind of thing, and says then how often it has happened in silence. Safe for
 * concurrent use.
 */
public final class RateLimitedLog {

    private static final long INTERVAL_MILLIS = 10_000;

    private record Kind(long warnedAt, long suppressed) {}

    private final Logger log;
    private final Clock clock;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    public RateLimitedLog(Logger log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * Warns, unless it has just warned about the same kind.
     *
     * @param kind what happened, in words from a fixed set
     * @param detail more about this case; must not hold payloads, keys or tokens
     */
    public void warn(String kind, String detail) {
        long now = clock.millis();
        kinds.compute(kind, (name, last) -> {
            if (last != null && Math.abs(now - last.warnedAt()) < INTERVAL_MILLIS) { // the clock may be set back
                return new Kind(last.warnedAt(), last.suppressed() + 1);
            }
            long suppressed = last == null ? 0 : last.suppressed();
            if (suppressed == 0) {
                log.warn("{}: {}", kind, detail);
            } else {
                log.warn("{}: {} (and {} more since the last line about this)", kind, detail, suppressed);
            }
            return new Kind(now, 0);
        });
    }
}

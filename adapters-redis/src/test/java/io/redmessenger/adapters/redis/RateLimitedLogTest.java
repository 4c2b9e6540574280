package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {

    private final AtomicLong nanos = new AtomicLong(-5);
    private final RecordingLogger lines = new RecordingLogger();
    private final RateLimitedLog log = new RateLimitedLog(lines, nanos::get);

    @Test
    void warnShouldWriteOneLinePerKindAndTenSeconds() {
        for (int i = 0; i < 5; i++) {
            log.warn("a", () -> "first");
            log.warn("b", () -> "second");
        }
        assertThat(lines.lines()).containsExactly("first", "second");
        nanos.addAndGet(Duration.ofMillis(9_999).toNanos());
        log.warn("a", () -> "too early");
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        log.warn("a", () -> "again");
        assertThat(lines.lines())
                .containsExactly("first", "second", "again (5 more of this kind since the last such line)");
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        log.warn("a", () -> "quiet");
        assertThat(lines.lines()).last().isEqualTo("quiet");
    }
}

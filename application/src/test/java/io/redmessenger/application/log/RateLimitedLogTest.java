package io.redmessenger.application.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.memory.MutableClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class RateLimitedLogTest {

    /** A logger that remembers its lines. */
    private static final class Lines extends LegacyAbstractLogger {

        final transient List<String> lines = new ArrayList<>();

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String text,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            lines.add(level + " " + MessageFormatter.basicArrayFormat(text, arguments));
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }

    private final MutableClock clock = new MutableClock();
    private final Lines logger = new Lines();
    private final RateLimitedLog log = new RateLimitedLog(logger, clock);

    @Test
    void warnShouldSayTheFirstAtOnceAndKeepQuietForTenSeconds() {
        log.warn("bad address", "rm.users.");
        log.warn("bad address", "rm.users.a b");
        clock.advance(Duration.ofMillis(9_999));
        log.warn("bad address", "rm.users.c d");
        assertThat(logger.lines).containsExactly("WARN bad address: rm.users.");
    }

    @Test
    void warnShouldSayHowOftenItHappenedInSilence() {
        log.warn("bad address", "one");
        log.warn("bad address", "two");
        log.warn("bad address", "three");
        clock.advance(Duration.ofSeconds(10));
        log.warn("bad address", "four");
        clock.advance(Duration.ofSeconds(10));
        log.warn("bad address", "five");
        assertThat(logger.lines)
                .containsExactly(
                        "WARN bad address: one",
                        "WARN bad address: four (and 2 more since the last line about this)",
                        "WARN bad address: five");
    }

    @Test
    void warnShouldNotFallSilentWhenTheClockIsSetBack() {
        log.warn("bad address", "one");
        clock.advance(Duration.ofHours(-1));
        log.warn("bad address", "two");
        assertThat(logger.lines).containsExactly("WARN bad address: one", "WARN bad address: two");
    }

    @Test
    void kindsShouldNotSilenceEachOther() {
        log.warn("bad address", "one");
        log.warn("not UTF-8", "two");
        assertThat(logger.lines).containsExactly("WARN bad address: one", "WARN not UTF-8: two");
    }

    @Test
    void aDetailWithBracesShouldBeShownAsItIs() {
        log.warn("bad address", "{} {}");
        assertThat(logger.lines).containsExactly("WARN bad address: {} {}");
    }
}

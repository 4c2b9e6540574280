package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.LogLevel;
import java.util.Locale;

/** Hands the log's settings to {@code logback.xml}, which reads them when the first logger is made. */
final class Logging {

    static final String LEVEL = "redmessenger.log.level";
    static final String FORMAT = "redmessenger.log.format";

    private Logging() {}

    /** @param progress whether to show the info level unless another is asked for; otherwise warnings */
    static void apply(EffectiveConfiguration effective, boolean progress) {
        Configuration configuration = effective.configuration();
        LogLevel level = progress || effective.isSet("log_level") ? configuration.logLevel() : LogLevel.WARN;
        System.setProperty(LEVEL, level.name().toLowerCase(Locale.ROOT));
        System.setProperty(FORMAT, configuration.logFormat().name().toLowerCase(Locale.ROOT));
    }
}

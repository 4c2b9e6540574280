package io.redmessenger.adapters.redis.diagnosis;

import java.time.Duration;
import java.util.Optional;

/**
 * What one server has told about itself.
 *
 * @param cli how an operator speaks to it
 * @param info what INFO says; empty when it may not be asked
 * @param config its parameters; empty when CONFIG may not be used, as on a managed Redis
 * @param clock by how much its clock is ahead of ours, and how far that may be wrong; empty when it did not tell
 * @param waitReplicas how many replicas must confirm a message, by our configuration
 * @param clustered whether our configuration says that it is a cluster
 */
public record ServerFacts(
        RedisCli cli,
        Optional<Fields> info,
        Optional<Fields> config,
        Optional<ClockReading> clock,
        int waitReplicas,
        boolean clustered) {

    /**
     * @param ahead by how much the clock of Redis is ahead of ours; negative when it is behind
     * @param uncertainty half of the time that the answer took
     */
    public record ClockReading(Duration ahead, Duration uncertainty) {}

    /** Whether it has a configuration file that CONFIG REWRITE can write to. */
    boolean hasFile() {
        return info.flatMap(fields -> fields.text("config_file"))
                .filter(file -> !file.isEmpty())
                .isPresent();
    }

    /** A command that sets a parameter for good. */
    String setting(String parameter, String value) {
        return cli.configuration(hasFile(), parameter, value);
    }

    /** What to say of a change that is not in any file. */
    String untilRestart(String line) {
        return hasFile() ? "" : " Put '" + line + "' into redis.conf as well, or a restart forgets it.";
    }
}

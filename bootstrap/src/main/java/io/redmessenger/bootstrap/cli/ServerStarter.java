package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.Configuration;

/** Starts the server. */
@FunctionalInterface
public interface ServerStarter {

    /**
     * Returns once it accepts connections, and has said so on standard output.
     *
     * @throws CommandFailure when it cannot start; so do a {@code PortException} and an {@code EmbeddedRedisException}
     */
    RunningServer start(Configuration configuration);
}

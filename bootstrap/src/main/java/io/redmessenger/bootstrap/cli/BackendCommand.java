package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.RedisTarget;
import io.redmessenger.bootstrap.embedded.EmbeddedRedis;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command that talks to Redis itself. */
abstract class BackendCommand extends ConfiguredCommand {

    private static final long ANSWER_SECONDS = 30;

    BackendCommand(Context context) {
        super(context);
    }

    @Override
    final int run(EffectiveConfiguration effective) throws Exception {
        Configuration configuration = effective.configuration();
        if (!(configuration.redis() instanceof RedisTarget.Embedded)) {
            return run(configuration);
        }
        OptionalInt port = EmbeddedRedis.recordedPort(configuration.dataDir());
        RedisTarget target = RedisTarget.External.of("127.0.0.1", port.orElse(EmbeddedRedis.USUAL_PORT));
        try {
            return run(configuration.withRedis(target));
        } catch (PortException e) {
            if (e.code() != ErrorCode.STORE_UNAVAILABLE) {
                throw e;
            }
            throw new CommandFailure(
                    ExitCode.UNAVAILABLE,
                    "no Redis answers at " + target + ", where the embedded one of "
                            + configuration.dataDir().toAbsolutePath().normalize()
                            + " would be; start it with 'redmessenger serve', or name another by --redis-host or --data-dir",
                    e);
        }
    }

    private int run(Configuration configuration) throws Exception {
        Task task = prepare(configuration);
        try (BackendAccess backend = context().backends().apply(configuration)) {
            task.run(backend);
        }
        return ExitCode.OK;
    }

    /** Reads and checks the command line, so that nothing is asked of Redis when that is wrong. */
    abstract Task prepare(Configuration configuration) throws IOException;

    /** What is to be done with Redis. */
    interface Task {
        void run(BackendAccess backend) throws Exception;
    }

    /** Waits for what Redis says, and throws what the stage fails with. */
    static <T> T await(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } catch (TimeoutException e) {
            throw new PortException(
                    ErrorCode.STORE_UNAVAILABLE, "Redis has not answered for " + ANSWER_SECONDS + " s", e);
        }
    }

    /** Reads a secret from the first line of standard input when {@code given} is a dash, so that no process list shows it. */
    static String secret(String given, Terminal terminal) throws IOException {
        if (!given.equals("-")) {
            return given;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = terminal.in().read();
                b >= 0 && b != '\n';
                b = terminal.in().read()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }
}

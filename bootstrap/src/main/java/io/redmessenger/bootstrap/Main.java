package io.redmessenger.bootstrap;

import io.redmessenger.adapters.redis.RedisAdapter;
import io.redmessenger.bootstrap.cli.ExitCode;
import io.redmessenger.bootstrap.cli.RedMessengerCommand;
import io.redmessenger.bootstrap.cli.StopSignal;
import io.redmessenger.bootstrap.cli.Terminal;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The program. The only place that ends the process. */
public final class Main {

    private static final long LONGEST_STOP_SECONDS = 3_700;

    private Main() {}

    public static void main(String... args) {
        StopSignal stop = new StopSignal();
        CompletableFuture<Integer> finished = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stop, finished), "stop"));
        RedMessengerCommand command = new RedMessengerCommand(
                Terminal.ofProcess(),
                RedisBackendAccess::new,
                configuration -> RedisAdapter.diagnosis(AdapterSettings.redis(configuration), Clock.systemUTC()),
                RedMessengerServer::start,
                stop);
        int code = command.run(args);
        finished.complete(code);
        System.exit(code);
    }

    /** On a signal: has the command finish what it does, and gives the process its exit code instead of the signal's. */
    private static void stop(StopSignal stop, CompletableFuture<Integer> finished) {
        if (finished.isDone()) {
            return;
        }
        stop.request();
        try {
            int code = finished.get(LONGEST_STOP_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().halt(code);
        } catch (ExecutionException | TimeoutException e) {
            Runtime.getRuntime().halt(ExitCode.DEFECT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.redmessenger.benchmarks;

import io.redmessenger.benchmarks.load.LoadCommand;
import java.io.IOException;
import java.util.Arrays;
import picocli.CommandLine;

/** {@code load …} is the load test; everything else is for JMH. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("load")) {
            CommandLine load = new CommandLine(new LoadCommand());
            load.setExecutionExceptionHandler((failure, command, parsed) -> {
                Throwable cause = failure.getCause();
                System.err.println("load: " + failure + (cause == null ? "" : ", because of " + cause));
                return 1;
            });
            System.exit(load.execute(Arrays.copyOfRange(args, 1, args.length)));
        }
        org.openjdk.jmh.Main.main(args);
    }
}

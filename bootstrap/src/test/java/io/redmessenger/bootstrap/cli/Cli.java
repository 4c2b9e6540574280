package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.memory.InMemoryStoreDiagnosis;
import io.redmessenger.application.port.out.StoreDiagnosis;
import io.redmessenger.bootstrap.config.Configuration;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/** The command line with memory for streams. */
final class Cli {

    final MemoryBackend backend = new MemoryBackend();
    final StopSignal stop = new StopSignal();
    final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    Map<String, String> environment = Map.of();
    byte[] in = new byte[0];
    Function<Configuration, BackendAccess> backends = backend::open;
    Function<Configuration, StoreDiagnosis> diagnoses = configuration -> new InMemoryStoreDiagnosis();
    ServerStarter servers = configuration -> {
        throw new CommandFailure(ExitCode.UNAVAILABLE, "no server in this test");
    };

    int run(String... args) {
        outBytes.reset();
        errBytes.reset();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(in),
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                environment);
        return new RedMessengerCommand(terminal, backends, diagnoses, servers, stop).run(args);
    }

    Cli typing(String text) {
        in = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    String out() {
        return outBytes.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return errBytes.toString(StandardCharsets.UTF_8);
    }
}

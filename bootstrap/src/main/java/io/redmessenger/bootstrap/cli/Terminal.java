package io.redmessenger.bootstrap.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What surrounds a command.
 *
 * @param in standard input, in bytes
 * @param out for results
 * @param err for everything else
 * @param environment the environment variables
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {

    public Terminal {
        environment = Map.copyOf(environment);
    }

    /** That of this process. Output is UTF-8 whatever the locale is, because payloads are. */
    public static Terminal ofProcess() {
        return new Terminal(System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err), System.getenv());
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Says something that is not a result. */
    void note(String line) {
        err.println(line);
    }
}

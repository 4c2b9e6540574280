package io.redmessenger.bootstrap.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

@Command(
        name = "version",
        header = "Print the version of this program, of Java and of the operating system.",
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {Help.OK, Help.USAGE},
        footerHeading = Help.EXAMPLES,
        footer = "  redmessenger version")
final class VersionCommand implements Callable<Integer>, IVersionProvider {

    private final Terminal terminal;

    VersionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        for (String line : getVersion()) {
            terminal.out().println(line);
        }
        return ExitCode.OK;
    }

    @Override
    public String[] getVersion() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return new String[] {
            "RedMessenger " + (version == null ? "(not packaged)" : version),
            "Java " + System.getProperty("java.version") + ", " + System.getProperty("java.vendor"),
            System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                    + System.getProperty("os.arch")
        };
    }
}

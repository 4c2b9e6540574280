package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.StoreDiagnosis;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.ConfigurationException;
import io.redmessenger.bootstrap.embedded.EmbeddedRedisException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code redmessenger} with all its subcommands. It returns exit codes, and never ends the process. */
public final class RedMessengerCommand {

    private final Context context;

    /**
     * @param backends opens a way to Redis for one command; called with a configuration that names a Redis, never the
     *     embedded one; it, or the first call, fails with {@link PortException} when there is no way
     * @param diagnoses makes a diagnosis of Redis; called with a configuration that names one, never the embedded one
     * @param servers starts the server
     * @param stop ends {@code serve} and {@code listen}
     */
    public RedMessengerCommand(
            Terminal terminal,
            Function<Configuration, BackendAccess> backends,
            Function<Configuration, StoreDiagnosis> diagnoses,
            ServerStarter servers,
            StopSignal stop) {
        this.context = new Context(terminal, backends, diagnoses, servers, stop);
    }

    @Command(
            name = "redmessenger",
            header = "A self-hosted server for push notifications that wait until they are acknowledged.",
            description =
                    "%nWhat a backend publishes on Redis reaches a user's browsers and programs at once, or waits for them.",
            synopsisSubcommandLabel = "COMMAND",
            commandListHeading = "%nCommands:%n",
            optionListHeading = "%nOptions:%n",
            exitCodeListHeading = Help.EXIT_CODES,
            exitCodeList = {
                Help.OK,
                "1:a defect of this program; or 'doctor' has found a problem",
                Help.USAGE,
                "69:Redis or the server cannot be reached, or nobody listens",
                "77:Redis or the server refuses",
                Help.CONFIGURATION
            },
            footerHeading = "%nTo begin with, in three terminals:%n",
            footer = {
                "  redmessenger serve",
                "  redmessenger listen user1",
                "  redmessenger publish rm.users.user1 'Hello, world!'",
                "",
                "'redmessenger doctor' tells what is wrong when something does not work.",
                "",
                "'redmessenger COMMAND --help' explains each."
            })
    private static final class Root {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                scope = ScopeType.INHERIT,
                description = "Show this help.")
        @SuppressWarnings("UnusedVariable") // picocli asks for it
        private boolean help;

        @Option(names = "--version", versionHelp = true, description = "Print what the command version prints.")
        @SuppressWarnings("UnusedVariable") // picocli asks for it
        private boolean version;
    }

    /** Runs one command, and returns its exit code; one of {@link ExitCode}. */
    public int run(String... args) {
        CommandLine command = commandLine();
        int code = command.execute(ConfigurationFlags.withExplicitSwitches(args));
        context.terminal().out().flush();
        context.terminal().err().flush();
        return code;
    }

    private CommandLine commandLine() {
        Terminal terminal = context.terminal();
        VersionCommand version = new VersionCommand(terminal);
        CommandLine root = new CommandLine(new Root());
        root.getCommandSpec().versionProvider(version);
        List.of(
                        new ServeCommand(context),
                        new PublishCommand(context),
                        new ListenCommand(context),
                        new InboxCommand(context),
                        new MembersCommand(context),
                        new KeyCommand(context),
                        new ConfigCommand(context),
                        new DoctorCommand(context))
                .forEach(command -> root.addSubcommand(command.commandLine()));
        root.addSubcommand(version);
        return root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                // a payload may begin with an at sign
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(this::execute)
                .setParameterExceptionHandler(this::misused)
                .setExecutionExceptionHandler(this::failed);
    }

    private int execute(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandLine command = last.commandSpec().commandLine();
        if (last.isUsageHelpRequested() || last.isVersionHelpRequested()) {
            return new CommandLine.RunLast().execute(parsed);
        }
        if (command.getCommand() instanceof Root) {
            command.usage(context.terminal().err());
            return ExitCode.USAGE;
        }
        if (command.getCommand() instanceof ConfiguredCommand configured) {
            takeUnmatched(command, configured.flags());
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** What {@code serve} and {@code config} do not know is a wrong setting, and reported with the others. */
    private static void takeUnmatched(CommandLine command, ConfigurationFlags flags) {
        boolean afterFlag = false;
        for (String argument : command.getUnmatchedArguments()) {
            boolean isFlag = argument.startsWith("--") && argument.length() > 2;
            if (isFlag) {
                flags.addUnknown(argument.replaceFirst("=.*", ""));
            } else if (!afterFlag) {
                throw new UnmatchedArgumentException(command, "unexpected argument '" + argument + "'");
            }
            afterFlag = isFlag && argument.indexOf('=') < 0;
        }
    }

    private int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String suggestions = "";
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            suggestions = "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
        }
        complain(Printable.oneLine(String.valueOf(e.getMessage())) + suggestions + " (see '" + name + " --help')");
        return ExitCode.USAGE;
    }

    private int failed(Exception e, CommandLine command, ParseResult parsed) {
        if (command.getCommand() instanceof ConfiguredCommand configured
                && configured.flags().isDebug(context.terminal().environment())) {
            e.printStackTrace(context.terminal().err());
        }
        if (e instanceof CommandFailure failure) {
            complain(String.valueOf(failure.getMessage()));
            return failure.exitCode();
        }
        if (e instanceof ConfigurationException wrong) {
            wrong.problems().forEach(RedMessengerCommand.this::complain);
            return ExitCode.CONFIGURATION;
        }
        if (e instanceof EmbeddedRedisException) {
            complain(String.valueOf(e.getMessage()));
            return ExitCode.UNAVAILABLE;
        }
        if (e instanceof PortException port && port.code() != ErrorCode.INTERNAL) {
            complain(String.valueOf(e.getMessage()));
            return codeOf(port.code());
        }
        complain("a defect: " + e + "; --log-level debug shows where");
        return ExitCode.DEFECT;
    }

    private static int codeOf(ErrorCode code) {
        return switch (code) {
            case STORE_UNAVAILABLE, STORE_REFUSED, OVERLOADED -> ExitCode.UNAVAILABLE;
            case WRONG_KIND, STORE_FORBIDDEN -> ExitCode.REFUSED;
            case LEASE_OVER, INTERNAL -> ExitCode.DEFECT;
        };
    }

    private void complain(String line) {
        context.terminal().note("redmessenger: " + line);
    }
}

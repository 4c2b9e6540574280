package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.Setting;
import io.redmessenger.bootstrap.config.Settings;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "serve",
        header = "Run the server.",
        description = {
            "%nPrints one line that begins with 'RedMessenger listening on' once it accepts connections, and logs to standard"
                    + " error. SIGTERM or Ctrl-C drains it: no new connections, the live ones closed over drain_seconds,"
                    + " exit 0. Without a Redis in the configuration it starts one of its own in data_dir.",
            "%nEvery setting can stand in the JSON file, in the environment (RM_WS_PORT=8080) or on the command line, which"
                    + " beats the environment, which beats the file."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {
            "0:stopped by a signal",
            Help.DEFECT,
            Help.USAGE,
            "69:Redis cannot be reached or started, or the port is taken",
            Help.REFUSED,
            Help.CONFIGURATION
        },
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger serve",
            "  redmessenger serve --config config.json --ws-port 9000",
            "  redmessenger serve --redis-host redis.example.org --secure-mode"
        })
final class ServeCommand extends ConfiguredCommand {

    ServeCommand(Context context) {
        super(context);
    }

    @Override
    Set<String> explainedSettings() {
        return Settings.ALL.stream().map(Setting::key).collect(Collectors.toSet());
    }

    @Override
    CommandLine commandLine() {
        return super.commandLine().setUnmatchedArgumentsAllowed(true);
    }

    @Override
    boolean logsProgress() {
        return true;
    }

    @Override
    int run(EffectiveConfiguration effective) throws InterruptedException {
        RunningServer server = context().servers().start(effective.configuration());
        context().stop().whenRequested(server::stop);
        return server.awaitStop();
    }
}

package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.ConfigurationReference;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.Setting;
import io.redmessenger.bootstrap.config.Settings;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "config",
        header = "Check or show the configuration, or print its reference.",
        description = {
            "%nTakes the same file, environment and flags as 'serve'. --print, which is what happens without an option, shows"
                    + " every setting with its value and where that comes from; secrets are masked."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {"0:the configuration is right", Help.DEFECT, Help.USAGE, Help.CONFIGURATION},
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger config --check --config config.json",
            "  RM_WS_PORT=9000 redmessenger config --print",
            "  redmessenger config --reference > docs/configuration.md"
        })
final class ConfigCommand extends ConfiguredCommand {

    @ArgGroup
    private @Nullable Action action;

    static final class Action {
        @Option(names = "--check", description = "Print ok, or list every problem.")
        private boolean check;

        @Option(names = "--print", description = "Print the values in effect.")
        @SuppressWarnings("UnusedVariable") // what happens without any of them
        private boolean print;

        @Option(names = "--reference", description = "Print the reference of all settings, in Markdown.")
        private boolean reference;
    }

    ConfigCommand(Context context) {
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
    int run(EffectiveConfiguration effective) {
        if (action != null && action.check) {
            terminal().out().println("ok");
        } else if (action != null && action.reference) {
            terminal().out().print(ConfigurationReference.markdown());
            terminal().out().flush();
        } else {
            effective
                    .entries()
                    .forEach(entry -> terminal()
                            .out()
                            .println(entry.setting().key() + " = " + entry.shown() + "    # " + entry.origin()));
        }
        return ExitCode.OK;
    }
}

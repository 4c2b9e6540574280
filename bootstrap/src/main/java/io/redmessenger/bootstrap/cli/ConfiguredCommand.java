package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.ConfigurationException;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** A command that needs the configuration. Used for one run. */
abstract class ConfiguredCommand implements Callable<Integer> {

    private final Context context;
    private final ConfigurationFlags flags = new ConfigurationFlags();

    ConfiguredCommand(Context context) {
        this.context = context;
    }

    final Context context() {
        return context;
    }

    final Terminal terminal() {
        return context.terminal();
    }

    final ConfigurationFlags flags() {
        return flags;
    }

    /** The settings that the command's help explains. */
    Set<String> explainedSettings() {
        return Set.of("redis_host", "redis_port", "redis_url", "data_dir", "log_level");
    }

    /** This command as picocli wants it. */
    CommandLine commandLine() {
        CommandLine command = new CommandLine(this);
        flags.addTo(command.getCommandSpec(), explainedSettings());
        return command;
    }

    @Override
    public final Integer call() throws Exception {
        EffectiveConfiguration effective;
        try {
            effective = flags.load(terminal().environment());
        } catch (ConfigurationException wrong) {
            return misconfigured(wrong);
        }
        warn(effective.warnings());
        Logging.apply(effective, logsProgress());
        return run(effective);
    }

    /** Says what is odd about the configuration. */
    void warn(List<String> warnings) {
        warnings.forEach(warning -> terminal().note("warning: " + warning));
    }

    /** @return the exit code; throws it when it is for all commands to report */
    int misconfigured(ConfigurationException wrong) {
        throw wrong;
    }

    /** Whether the log is what an operator watches, rather than noise beside a result. */
    boolean logsProgress() {
        return false;
    }

    /** @return the exit code */
    abstract int run(EffectiveConfiguration effective) throws Exception;
}

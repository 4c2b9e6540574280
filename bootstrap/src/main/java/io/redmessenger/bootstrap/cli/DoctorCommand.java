package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import io.redmessenger.application.port.out.StoreDiagnosis;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.ConfigurationException;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.RedisTarget;
import io.redmessenger.bootstrap.config.Setting;
import io.redmessenger.bootstrap.config.Settings;
import io.redmessenger.bootstrap.doctor.EmbeddedRedisCheck;
import io.redmessenger.bootstrap.doctor.MachineDiagnosis;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        header = "Tell what is wrong with the configuration, this machine and Redis, and how to mend it.",
        description = {
            "%nTakes the same file, environment and flags as 'serve', starts no server, and changes nothing. Prints a line for"
                    + " each check: ok, warning (it works, and will fail some day or under load), problem (it does not work, or"
                    + " loses messages) or skipped (it cannot be found out with the rights at hand); below what is not ok, what"
                    + " it means, and behind a $ a command that mends it."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {"0:no problem; there may be warnings", "1:there is a problem", Help.USAGE},
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger doctor",
            "  redmessenger doctor --config config.json",
            "  redmessenger doctor --redis-host redis.example.org --json | jq '.findings[] | select(.state != \"ok\")'"
        })
final class DoctorCommand extends ConfiguredCommand {

    private static final String CONFIGURATION = "configuration";
    private static final long LONGEST_SECONDS = 90;

    @Option(names = "--json", description = "Print one JSON object, for programs.")
    private boolean json;

    DoctorCommand(Context context) {
        super(context);
    }

    @Override
    Set<String> explainedSettings() {
        return Settings.ALL.stream().map(Setting::key).collect(Collectors.toSet());
    }

    /** They are findings. */
    @Override
    void warn(List<String> warnings) {}

    @Override
    int misconfigured(ConfigurationException wrong) {
        return report(wrong.problems().stream()
                .map(problem -> Finding.problem(
                        CONFIGURATION,
                        Printable.oneLine(problem),
                        "The server does not start with it, and nothing else is checked. Every setting is explained by:",
                        "redmessenger config --reference"))
                .toList());
    }

    @Override
    int run(EffectiveConfiguration effective) throws InterruptedException {
        List<Finding> findings = new ArrayList<>(configuration(effective));
        findings.addAll(MachineDiagnosis.examine(effective.configuration()));
        findings.addAll(store(effective.configuration()));
        return report(findings);
    }

    private static List<Finding> configuration(EffectiveConfiguration effective) {
        if (effective.warnings().isEmpty()) {
            long set = effective.entries().stream()
                    .filter(entry -> !entry.isDefault())
                    .count();
            return List.of(Finding.ok(
                    CONFIGURATION,
                    "valid, " + set + (set == 1 ? " setting" : " settings") + " given; Redis: "
                            + effective.configuration().redis()));
        }
        return effective.warnings().stream()
                .map(warning -> Finding.warning(
                        CONFIGURATION,
                        Printable.oneLine(warning),
                        "It is ignored. What is in effect, and where it comes from, is shown by:",
                        "redmessenger config --print"))
                .toList();
    }

    private List<Finding> store(Configuration configuration) throws InterruptedException {
        if (!(configuration.redis() instanceof RedisTarget.Embedded)) {
            return examine(configuration);
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(EmbeddedRedisCheck.directory(configuration.dataDir()));
        OptionalInt port = EmbeddedRedisCheck.runningPort(configuration.dataDir());
        if (port.isPresent()) {
            findings.addAll(examine(configuration.withRedis(RedisTarget.External.of("127.0.0.1", port.getAsInt()))));
        } else {
            findings.add(Finding.skipped(
                    StoreDiagnosis.CONNECTION,
                    "no Redis is configured, and the embedded one does not run",
                    "'serve' starts it. Ask again when it runs; or name a Redis of your own:",
                    "redmessenger doctor --redis-host 127.0.0.1"));
        }
        return findings;
    }

    private List<Finding> examine(Configuration configuration) throws InterruptedException {
        try {
            return context()
                    .diagnoses()
                    .apply(configuration)
                    .examine()
                    .toCompletableFuture()
                    .get(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the diagnosis of Redis failed", e.getCause());
        } catch (TimeoutException e) {
            return List.of(Finding.problem(
                    StoreDiagnosis.CONNECTION,
                    "Redis answers too slowly: the checks took more than " + LONGEST_SECONDS + " s",
                    "It is overloaded, or the network loses much. What it was slow with:",
                    "redis-cli SLOWLOG GET 10"));
        }
    }

    private int report(List<Finding> findings) {
        DoctorReport report = new DoctorReport(findings);
        terminal().out().println(json ? report.json() : report.text());
        return report.count(State.PROBLEM) == 0 ? ExitCode.OK : ExitCode.PROBLEM_FOUND;
    }
}

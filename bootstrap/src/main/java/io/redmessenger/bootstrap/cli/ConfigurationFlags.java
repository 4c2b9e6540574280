package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.ConfigurationSources;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.Setting;
import io.redmessenger.bootstrap.config.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The flags of one command that belong to the configuration, derived from the registry of settings. */
final class ConfigurationFlags {

    private static final String FILE = "--config";

    private static final Set<String> SWITCHES =
            Settings.ALL.stream().filter(Setting::isSwitch).map(Setting::flag).collect(Collectors.toSet());

    private final Map<String, String> given = new LinkedHashMap<>();

    /**
     * Adds the flags to a command. All of them work with every command; its help shows those that matter for it.
     *
     * @param shown which settings the help shows
     */
    void addTo(CommandSpec command, Set<String> shown) {
        command.addOption(option(FILE, "FILE", "Read settings from this JSON file.", false));
        for (Setting<?> setting : Settings.ALL) {
            String description = setting.description().replace("`", "") + " Default: " + setting.fallback() + ".";
            // picocli would take $uid for a variable
            String literal = description.replace("$", "$$").replace("%", "%%");
            boolean hidden = !setting.isSupported() || !shown.contains(setting.key());
            command.addOption(option(setting.flag(), setting.label(), literal, hidden));
        }
    }

    private OptionSpec option(String name, String label, String description, boolean hidden) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .description(description)
                .type(String.class)
                .arity("1")
                .hidden(hidden)
                .getter(new OptionValue(name))
                .setter(new OptionValue(name))
                .build();
    }

    /** Where picocli puts the value of one flag. */
    private final class OptionValue implements picocli.CommandLine.Model.IGetter, picocli.CommandLine.Model.ISetter {
        private final String name;

        OptionValue(String name) {
            this.name = name;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // picocli knows null
        public <T> T get() {
            return (T) given.get(name);
        }

        @Override
        @SuppressWarnings({"unchecked", "NullAway"}) // picocli knows null
        public <T> T set(T value) {
            return (T) (value == null ? given.remove(name) : given.put(name, value.toString()));
        }
    }

    /** Gives a flag for true or false that stands alone its value, so that it never takes the next word for one. */
    static String[] withExplicitSwitches(String... args) {
        List<String> explicit = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--")) {
                explicit.addAll(List.of(args).subList(i, args.length));
                break;
            }
            if (!SWITCHES.contains(args[i])) {
                explicit.add(args[i]);
            } else if (i + 1 < args.length && (args[i + 1].equals("true") || args[i + 1].equals("false"))) {
                explicit.add(args[i] + "=" + args[++i]);
            } else {
                explicit.add(args[i] + "=true");
            }
        }
        return explicit.toArray(String[]::new);
    }

    /** Takes note of flags that no command knows, so that they are reported with the other problems. */
    void addUnknown(String flag) {
        given.put(flag, "");
    }

    /** Whether stack traces are wanted; asked when the configuration itself may be broken. */
    boolean isDebug(Map<String, String> environment) {
        String level = given.getOrDefault("--log-level", environment.getOrDefault("RM_LOG_LEVEL", ""));
        return level.equals("debug") || level.equals("trace");
    }

    EffectiveConfiguration load(Map<String, String> environment) {
        Map<String, String> flags = new LinkedHashMap<>(given);
        String file = flags.remove(FILE);
        ConfigurationSources sources =
                ConfigurationSources.none().withEnvironment(environment).withFlags(flags);
        return (file == null ? sources : sources.withFile(Path.of(file))).load();
    }
}

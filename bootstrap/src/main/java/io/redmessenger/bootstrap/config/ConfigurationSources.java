package io.redmessenger.bootstrap.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where values come from. A flag beats the environment, that beats the file, and that beats the default. */
public final class ConfigurationSources {

    private final Optional<Path> file;
    private final Map<String, String> environment;
    private final Map<String, String> flags;

    private ConfigurationSources(Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
        this.file = file;
        this.environment = Map.copyOf(environment);
        this.flags = Collections.unmodifiableMap(new LinkedHashMap<>(flags));
    }

    /** No values but the defaults. */
    public static ConfigurationSources none() {
        return new ConfigurationSources(Optional.empty(), Map.of(), Map.of());
    }

    /** Reads this JSON file too. */
    public ConfigurationSources withFile(Path other) {
        return new ConfigurationSources(Optional.of(other), environment, flags);
    }

    /** @param other all variables of the process; those that do not begin with {@code RM_} are ignored */
    public ConfigurationSources withEnvironment(Map<String, String> other) {
        return new ConfigurationSources(file, other, flags);
    }

    /**
     * @param other values by flag, such as {@code --ws-port} and {@code 8080}; one that is no setting's is reported as
     *     unknown
     */
    public ConfigurationSources withFlags(Map<String, String> other) {
        return new ConfigurationSources(file, environment, other);
    }

    Optional<Path> file() {
        return file;
    }

    Map<String, String> environment() {
        return environment;
    }

    Map<String, String> flags() {
        return flags;
    }

    /** Finds the values, checks them all, and lists every problem at once. */
    public EffectiveConfiguration load() {
        return new ConfigurationLoader(this).load();
    }
}

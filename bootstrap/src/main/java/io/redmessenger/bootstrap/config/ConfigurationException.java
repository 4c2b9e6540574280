package io.redmessenger.bootstrap.config;

import java.util.List;

/** The settings cannot be used. It holds every problem that was found, not just the first. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /** @param problems one line each, for a person to read; at least one */
    public ConfigurationException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}

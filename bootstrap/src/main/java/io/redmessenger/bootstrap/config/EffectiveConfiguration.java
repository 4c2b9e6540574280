package io.redmessenger.bootstrap.config;

import java.util.List;

/**
 * A configuration, and how it came about.
 *
 * @param configuration the checked values
 * @param entries every supported setting with its value and origin, in the order of the reference
 * @param warnings what is odd, but no reason to refuse it
 */
public record EffectiveConfiguration(Configuration configuration, List<Entry> entries, List<String> warnings) {

    public EffectiveConfiguration {
        entries = List.copyOf(entries);
        warnings = List.copyOf(warnings);
    }

    /**
     * @param setting what is set
     * @param shown its value as it may be shown: secrets as {@code ***}
     * @param origin "default", or where the value comes from, such as "environment variable RM_WS_PORT"
     */
    public record Entry(Setting<?> setting, String shown, String origin) {

        /** Whether nobody has set it. */
        public boolean isDefault() {
            return origin.equals(DEFAULT);
        }
    }

    static final String DEFAULT = "default";

    /** Whether somebody has set the setting with this key. */
    public boolean isSet(String key) {
        return entries.stream().anyMatch(entry -> entry.setting().key().equals(key) && !entry.isDefault());
    }
}

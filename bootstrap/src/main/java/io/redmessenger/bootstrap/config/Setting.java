package io.redmessenger.bootstrap.config;

import java.util.Locale;

/**
 * One thing that can be set.
 *
 * @param <T> the type of its value
 */
public final class Setting<T> {

    private final String key;
    private final SettingType<T> type;
    private final String fallback;
    private final String description;
    private final boolean secret;
    private final boolean supported;

    private Setting(
            String key, SettingType<T> type, String fallback, String description, boolean secret, boolean supported) {
        this.key = key;
        this.type = type;
        this.fallback = fallback;
        this.description = description;
        this.secret = secret;
        this.supported = supported;
    }

    /** @param fallback the default as a value of the type, or what it means in words when it is not one */
    static <T> Setting<T> of(String key, SettingType<T> type, String fallback, String description) {
        return new Setting<>(key, type, fallback, description, false, true);
    }

    /** The same setting, with a value that is shown nowhere. */
    Setting<T> secret() {
        return new Setting<>(key, type, fallback, description, true, supported);
    }

    /** The same setting, known but refused. */
    Setting<T> notSupportedYet() {
        return new Setting<>(key, type, fallback, description, secret, false);
    }

    /** Its name in the file, such as {@code redis_host}. */
    public String key() {
        return key;
    }

    /** Its name on the command line, such as {@code --redis-host}. */
    public String flag() {
        return "--" + key.replace('_', '-');
    }

    /** Its name in the environment, such as {@code RM_REDIS_HOST}. */
    public String variable() {
        return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT);
    }

    /** What every environment variable of ours begins with. */
    public static final String ENVIRONMENT_PREFIX = "RM_";

    /** The default, as a value or in words. */
    public String fallback() {
        return fallback;
    }

    /** What it means, in one or two sentences. */
    public String description() {
        return description;
    }

    /** What its value must be, such as "a whole number from 1 to 65535". */
    public String expectation() {
        return type.expectation();
    }

    /** What stands for its value in a help text, such as {@code SECONDS}. */
    public String label() {
        return type.label();
    }

    /** Whether its flag may stand without a value, which then means true. */
    public boolean isSwitch() {
        return type.valueClass() == Boolean.class;
    }

    /** Whether a wrong value of it is kept out of messages too. */
    public boolean isSecret() {
        return secret;
    }

    /** Whether this version can do what it asks for; when not, setting it is a problem. */
    public boolean isSupported() {
        return supported;
    }

    SettingType<T> type() {
        return type;
    }

    @Override
    public String toString() {
        return key;
    }
}

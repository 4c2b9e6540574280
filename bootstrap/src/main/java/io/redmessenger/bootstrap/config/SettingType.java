package io.redmessenger.bootstrap.config;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What values a setting takes.
 *
 * @param <T> the type of the parsed value
 */
interface SettingType<T> {

    Class<T> valueClass();

    /** Completes "must be …", such as "a whole number from 1 to 65535". */
    String expectation();

    /** What stands for a value in a help text, such as {@code SECONDS}. */
    String label();

    /**
     * Reads a value from a flag or an environment variable.
     *
     * @throws IllegalArgumentException when it is not {@link #expectation as expected}; a message adds a detail
     */
    T parse(String text);

    /** Reads a value from the file; fails as {@link #parse} does. */
    default T parse(JsonNode node) {
        if (!node.isTextual()) {
            throw new IllegalArgumentException();
        }
        return parse(node.textValue());
    }

    /** The value as it may be shown, in the form that {@link #parse} reads. */
    default String show(T value) {
        return value.toString();
    }
}

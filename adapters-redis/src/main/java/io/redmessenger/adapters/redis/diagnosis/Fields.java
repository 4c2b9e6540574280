package io.redmessenger.adapters.redis.diagnosis;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Named values that Redis has told: the lines of INFO, for instance. */
public record Fields(Map<String, String> values) {

    public Fields {
        values = Map.copyOf(values);
    }

    /** Reads lines {@code name:value}. */
    public static Fields ofLines(String text) {
        Map<String, String> values = new HashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0 && line.charAt(0) != '#') {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return new Fields(values);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    boolean is(String name, String value) {
        return text(name).filter(value::equals).isPresent();
    }

    /** Empty when it is missing, or no number. */
    public OptionalLong number(String name) {
        try {
            return text(name).stream().mapToLong(Long::parseLong).findFirst();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}

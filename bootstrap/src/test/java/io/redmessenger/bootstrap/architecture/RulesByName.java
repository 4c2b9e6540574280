package io.redmessenger.bootstrap.architecture;

import com.tngtech.archunit.lang.ArchRule;
import java.lang.reflect.Field;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** All rules of {@link ArchitectureRules}, so that none can be written and then forgotten. */
final class RulesByName {

    static final SortedMap<String, ArchRule> ALL = all();

    private RulesByName() {}

    static ArchRule named(String name) {
        return Objects.requireNonNull(ALL.get(name), name);
    }

    private static SortedMap<String, ArchRule> all() {
        SortedMap<String, ArchRule> rules = new TreeMap<>();
        for (Field field : ArchitectureRules.class.getDeclaredFields()) {
            if (field.getType() == ArchRule.class) {
                try {
                    rules.put(field.getName(), (ArchRule) field.get(null));
                } catch (IllegalAccessException e) {
                    throw new LinkageError("a rule must be visible in its package: " + field, e);
                }
            }
        }
        return rules;
    }
}

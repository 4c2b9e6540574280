package io.redmessenger.bootstrap.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds everything that is released against the rules of its structure. */
class ArchitectureTest {

    static Stream<String> rules() {
        return RulesByName.ALL.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void ruleShouldHold(String name) {
        RulesByName.named(name).check(ImportedClasses.PRODUCTION);
    }

    /** Guards against an import that finds nothing, and against which every rule would be true. */
    @ParameterizedTest
    @CsvSource({
        "io.redmessenger.domain.recipient.UserId",
        "io.redmessenger.application.port.out.Inbox",
        "io.redmessenger.adapters.redis.RedisAdapter",
        "io.redmessenger.adapters.websocket.WebSocketAdapter",
        "io.redmessenger.bootstrap.Main"
    })
    void importShouldFindEveryModule(String className) {
        assertThat(ImportedClasses.PRODUCTION.contain(className)).isTrue();
    }

    @Test
    void importShouldLeaveTestsOut() {
        assertThat(ImportedClasses.PRODUCTION)
                .noneMatch(type ->
                        type.getName().endsWith("Test") || type.getName().contains(".canary."));
    }

    /** Guards against a ban with a misspelt target, which nobody could break. */
    @ParameterizedTest
    @CsvSource({
        "io.redmessenger.adapters.redis, io.lettuce.",
        "io.redmessenger.adapters.redis, com.fasterxml.jackson.",
        "io.redmessenger.adapters.websocket, io.undertow.",
        "io.redmessenger.adapters.websocket, org.xnio.",
        "io.redmessenger.bootstrap, com.google.inject.",
        "io.redmessenger.bootstrap, picocli."
    })
    void bannedVendorShouldBeUsedAtHome(String home, String vendor) {
        assertThat(ImportedClasses.PRODUCTION.stream()
                        .filter(type -> (type.getPackageName() + ".").startsWith(home + "."))
                        .filter(type -> knows(type, vendor)))
                .isNotEmpty();
    }

    private static boolean knows(JavaClass type, String vendor) {
        return type.getDirectDependenciesFromSelf().stream()
                .anyMatch(dependency -> dependency.getTargetClass().getName().startsWith(vendor));
    }
}

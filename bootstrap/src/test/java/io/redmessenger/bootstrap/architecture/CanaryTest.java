package io.redmessenger.bootstrap.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.FailureReport;
import io.redmessenger.adapters.redis.OpenDoor;
import io.redmessenger.adapters.redis.canary.KnowsOtherAdapter;
import io.redmessenger.adapters.redis.canary.KnowsUndertow;
import io.redmessenger.adapters.redis.canary.KnowsXnio;
import io.redmessenger.adapters.redis.canary.Sleeps;
import io.redmessenger.adapters.websocket.canary.Exits;
import io.redmessenger.adapters.websocket.canary.KnowsLettuce;
import io.redmessenger.adapters.websocket.canary.KnowsNetty;
import io.redmessenger.adapters.websocket.canary.KnowsPicocli;
import io.redmessenger.adapters.websocket.canary.NamesNoTechnology;
import io.redmessenger.adapters.websocket.canary.here.There;
import io.redmessenger.adapters.websocket.canary.there.Here;
import io.redmessenger.adapters.websocket.frame.canary.KnowsProtocol;
import io.redmessenger.adapters.websocket.plain.canary.KnowsAnotherProtocol;
import io.redmessenger.adapters.websocket.sse.canary.SomeProtocol;
import io.redmessenger.application.port.out.UntestedPort;
import io.redmessenger.application.service.canary.Blocks;
import io.redmessenger.application.service.canary.BlocksByReference;
import io.redmessenger.application.service.canary.DefaultsClock;
import io.redmessenger.application.service.canary.KnowsAdapterLibraries;
import io.redmessenger.application.service.canary.ReadsMillis;
import io.redmessenger.bootstrap.canary.StringUtil;
import io.redmessenger.bootstrap.canary.common.Innocent;
import io.redmessenger.canary.Homeless;
import io.redmessenger.domain.canary.HoldsRandom;
import io.redmessenger.domain.canary.KnowsApplication;
import io.redmessenger.domain.canary.KnowsFiles;
import io.redmessenger.domain.canary.Logs;
import io.redmessenger.domain.canary.ReadsClock;
import io.redmessenger.domain.canary.RollsDice;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the rules: each must fail on a class that breaks it on purpose. */
class CanaryTest {

    private static Arguments canary(String rule, Class<?> canary, Class<?>... accomplices) {
        return arguments(rule, canary, List.of(accomplices));
    }

    static Stream<Arguments> canaries() {
        return Stream.of(
                canary("LAYERS_ARE_RESPECTED", KnowsApplication.class),
                canary("LAYERS_ARE_RESPECTED", KnowsOtherAdapter.class, Exits.class),
                canary("LAYERS_ARE_RESPECTED", Homeless.class),
                canary("DIAGRAM_IS_TRUE", KnowsApplication.class),
                canary("DIAGRAM_IS_TRUE", KnowsOtherAdapter.class, Exits.class),
                canary("DOMAIN_KNOWS_THE_JDK_ONLY", KnowsApplication.class),
                canary("DOMAIN_KNOWS_THE_JDK_ONLY", KnowsFiles.class),
                canary("APPLICATION_KNOWS_THE_DOMAIN_ONLY", KnowsAdapterLibraries.class),
                canary("LETTUCE_STAYS_IN_THE_REDIS_ADAPTER", KnowsLettuce.class),
                canary("LETTUCE_STAYS_IN_THE_REDIS_ADAPTER", KnowsNetty.class),
                canary("UNDERTOW_STAYS_IN_THE_WEBSOCKET_ADAPTER", KnowsUndertow.class),
                canary("UNDERTOW_STAYS_IN_THE_WEBSOCKET_ADAPTER", KnowsXnio.class),
                canary("GUICE_STAYS_IN_BOOTSTRAP", KnowsAdapterLibraries.class),
                canary("PICOCLI_STAYS_IN_BOOTSTRAP", KnowsPicocli.class),
                canary("JACKSON_STAYS_OUTSIDE_THE_CORE", KnowsAdapterLibraries.class),
                canary("PROTOCOLS_DO_NOT_KNOW_EACH_OTHER", KnowsAnotherProtocol.class, SomeProtocol.class),
                canary("PROTOCOLS_DO_NOT_KNOW_EACH_OTHER", KnowsProtocol.class, SomeProtocol.class),
                canary("PACKAGES_ARE_FREE_OF_CYCLES", There.class, Here.class),
                canary("CORE_HAS_NO_CLOCK", ReadsClock.class),
                canary("CORE_HAS_NO_CLOCK", ReadsMillis.class),
                canary("CORE_HAS_NO_CLOCK", DefaultsClock.class),
                canary("DOMAIN_HAS_NO_RANDOMNESS", RollsDice.class),
                canary("DOMAIN_HAS_NO_RANDOMNESS", HoldsRandom.class),
                canary("DOMAIN_HAS_NO_LOGGER", Logs.class),
                canary("NOBODY_BLOCKS_ON_A_STAGE", Blocks.class),
                canary("NOBODY_BLOCKS_ON_A_STAGE", BlocksByReference.class),
                canary("NOBODY_BLOCKS_ON_A_STAGE", Sleeps.class),
                canary("PORT_IMPLEMENTATIONS_NAME_THEIR_TECHNOLOGY", NamesNoTechnology.class),
                canary("ADAPTERS_HAVE_ONE_FRONT_DOOR", OpenDoor.class),
                canary("ONLY_MAIN_EXITS", Exits.class),
                canary("NAMES_SAY_WHAT_THINGS_ARE", StringUtil.class),
                canary("NAMES_SAY_WHAT_THINGS_ARE", Innocent.class),
                canary("PORTS_OUT_HAVE_A_CONTRACT", UntestedPort.class),
                canary("PACKAGES_ARE_NULL_MARKED", Innocent.class));
    }

    /** Everything that is released, and all canaries. */
    private static final JavaClasses CLASSES = ImportedClasses.productionAnd(
            canaries().flatMap(CanaryTest::classesOf).distinct().toList());

    private static Stream<Class<?>> classesOf(Arguments arguments) {
        return Stream.concat(
                Stream.of((Class<?>) arguments.get()[1]),
                ((List<?>) arguments.get()[2]).stream().map(accomplice -> (Class<?>) accomplice));
    }

    @ParameterizedTest
    @MethodSource("canaries")
    void ruleShouldFailOnItsCanary(String rule, Class<?> canary, List<Class<?>> accomplices) {
        FailureReport report = RulesByName.named(rule).evaluate(CLASSES).getFailureReport();

        assertThat(report.getDetails()).anyMatch(line -> line.contains(canary.getName()));
    }

    @Test
    void rulesShouldBlameNothingButCanaries() {
        List<String> names = canaries()
                .flatMap(CanaryTest::classesOf)
                .map(Class::getName)
                .distinct()
                .toList();

        assertThat(RulesByName.ALL.values().stream()
                        .flatMap(rule -> rule.evaluate(CLASSES).getFailureReport().getDetails().stream()))
                .allMatch(line -> names.stream().anyMatch(line::contains));
    }

    @Test
    void everyRuleShouldHaveACanary() {
        assertThat(canaries().map(arguments -> (String) arguments.get()[0]).distinct())
                .containsExactlyInAnyOrderElementsOf(RulesByName.ALL.keySet());
    }
}

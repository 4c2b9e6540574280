package io.redmessenger.bootstrap.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.Configuration.consideringOnlyDependenciesInDiagram;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.adhereToPlantUmlDiagram;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/** The rules. {@link ArchitectureTest} holds the released classes against them, {@link CanaryTest} tests the rules. */
final class ArchitectureRules {

    private static final String DOMAIN = "io.redmessenger.domain..";
    private static final String APPLICATION = "io.redmessenger.application..";
    private static final String PORTS = "io.redmessenger.application.port..";
    private static final String LOG = "io.redmessenger.application.log..";
    private static final String SERVICES = "io.redmessenger.application.service..";
    private static final String REDIS = "io.redmessenger.adapters.redis..";
    private static final String WEBSOCKET = "io.redmessenger.adapters.websocket..";
    private static final String BOOTSTRAP = "io.redmessenger.bootstrap..";

    /** What the name of a port's implementation may begin with, by the module that it is in. */
    private static final Map<String, List<String>> TECHNOLOGIES = Map.of(
            "io.redmessenger.adapters.redis", List.of("Redis"),
            "io.redmessenger.adapters.websocket",
                    List.of("Plain", "WebSocket", "SocketIo", "Sse", "Http", "Prometheus"),
            "io.redmessenger.bootstrap", List.of("Micrometer", "Logging"));

    /** What each package of the network adapter may know beside itself; one that is not named may know all. */
    private static final Map<String, Set<String>> NETWORK_PACKAGES = Map.of(
            "frame", Set.of(),
            "server", Set.of("frame"),
            "plain", Set.of("server", "frame"),
            "socketio", Set.of("server", "frame"),
            "sse", Set.of("server", "frame"),
            "api", Set.of("server", "frame"),
            "page", Set.of("server", "frame"),
            "console", Set.of("server", "frame"));

    /** Ports out without a contract, each with its reason. */
    private static final Set<String> PORTS_WITHOUT_CONTRACT =
            // Telemetry promises nothing that a caller could observe: it counts, and has no answer.
            Set.of("Telemetry");

    static final ArchRule LAYERS_ARE_RESPECTED = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.redmessenger..")
            .layer("domain")
            .definedBy(DOMAIN)
            .layer("ports")
            .definedBy(PORTS, LOG)
            .layer("services")
            .definedBy(SERVICES)
            .layer("Redis adapter")
            .definedBy(REDIS)
            .layer("WebSocket adapter")
            .definedBy(WEBSOCKET)
            .layer("bootstrap")
            .definedBy(BOOTSTRAP)
            .whereLayer("bootstrap")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("Redis adapter")
            .mayOnlyBeAccessedByLayers("bootstrap")
            .whereLayer("WebSocket adapter")
            .mayOnlyBeAccessedByLayers("bootstrap")
            .whereLayer("services")
            .mayOnlyBeAccessedByLayers("bootstrap")
            .whereLayer("ports")
            .mayOnlyBeAccessedByLayers("services", "Redis adapter", "WebSocket adapter", "bootstrap")
            .ensureAllClassesAreContainedInArchitecture();

    static final ArchRule DIAGRAM_IS_TRUE = classes()
            .should(adhereToPlantUmlDiagram(
                    Path.of("..", "docs", "architecture.puml"), consideringOnlyDependenciesInDiagram()))
            .because("docs/architecture.puml is what newcomers look at first");

    static final ArchRule DOMAIN_KNOWS_THE_JDK_ONLY = classes()
            .that()
            .resideInAPackage(DOMAIN)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(DOMAIN, "java.lang..", "java.util..", "java.time..")
                    .or(resideInAnyPackage("java.security", "java.nio.charset", "org.jspecify.annotations"))
                    .and(not(resideInAnyPackage("java.util.logging..", "java.lang.reflect.."))))
            .because("the domain holds the rules, and nothing technical");

    static final ArchRule APPLICATION_KNOWS_THE_DOMAIN_ONLY = classes()
            .that()
            .resideInAPackage(APPLICATION)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(APPLICATION, DOMAIN, "java..", "org.slf4j", "org.jspecify.annotations"))
            .because("technology stays behind the ports");

    static final ArchRule LETTUCE_STAYS_IN_THE_REDIS_ADAPTER =
            vendorStaysIn(REDIS, "io.lettuce..", "io.netty..", "reactor..");

    static final ArchRule UNDERTOW_STAYS_IN_THE_WEBSOCKET_ADAPTER =
            vendorStaysIn(WEBSOCKET, "io.undertow..", "org.xnio..");

    static final ArchRule GUICE_STAYS_IN_BOOTSTRAP =
            vendorStaysIn(BOOTSTRAP, "com.google.inject..", "jakarta.inject..", "javax.inject..");

    static final ArchRule PICOCLI_STAYS_IN_BOOTSTRAP = vendorStaysIn(BOOTSTRAP, "picocli..");

    static final ArchRule JACKSON_STAYS_OUTSIDE_THE_CORE = noClasses()
            .that()
            .resideInAnyPackage(DOMAIN, APPLICATION)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml..");

    static final ArchRule PROTOCOLS_DO_NOT_KNOW_EACH_OTHER = classes()
            .that()
            .resideInAPackage(WEBSOCKET)
            .should(knowOnlyThePackagesBelowThem())
            .because("a protocol must be removable without touching another");

    static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
            slices().matching("io.redmessenger.(**)").should().beFreeOfCycles();

    static final ArchRule CORE_HAS_NO_CLOCK = noClasses()
            .that()
            .resideInAnyPackage(DOMAIN, APPLICATION)
            .should()
            .accessTargetWhere(targetIs("a clock that nobody passed in", ArchitectureRules::isDefaultClock))
            .because("time is an argument in the domain, and a Clock that is passed in to the application");

    static final ArchRule DOMAIN_HAS_NO_RANDOMNESS = noClasses()
            .that()
            .resideInAPackage(DOMAIN)
            .should()
            .accessTargetWhere(targetIs("a source of randomness", ArchitectureRules::isRandomness))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo("java.util.random.RandomGenerator")
            .because("ids are arguments");

    static final ArchRule DOMAIN_HAS_NO_LOGGER = noClasses()
            .that()
            .resideInAPackage(DOMAIN)
            .should()
            .dependOnClassesThat(describe(
                    "are loggers",
                    type -> type.getFullName().startsWith("java.util.logging.")
                            || type.getFullName().startsWith("java.lang.System$Logger")
                            || type.getFullName().startsWith("org.slf4j.")))
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    static final ArchRule NOBODY_BLOCKS_ON_A_STAGE = noClasses()
            .that()
            .resideOutsideOfPackage(BOOTSTRAP)
            .should()
            .accessTargetWhere(targetIs("waiting for a result", ArchitectureRules::isBlocking))
            .because("threads are few, and belong to event loops and lanes; continue with thenApply or thenCompose");

    static final ArchRule PORT_IMPLEMENTATIONS_NAME_THEIR_TECHNOLOGY = classes()
            .that(describe(
                    "implement a port out",
                    type -> type.getAllRawInterfaces().stream().anyMatch(ArchitectureRules::isPortOut)))
            .and()
            .resideOutsideOfPackage(APPLICATION)
            .should(carryTheNameOfTheirTechnology());

    static final ArchRule ADAPTERS_HAVE_ONE_FRONT_DOOR = classes()
            .that()
            .resideInAnyPackage("io.redmessenger.adapters.redis", "io.redmessenger.adapters.websocket")
            .and()
            .areTopLevelClasses()
            .and()
            .arePublic()
            .should()
            .haveNameMatching(".*(Adapter|Settings)")
            .because("what an adapter is made of is its own business");

    static final ArchRule ONLY_MAIN_EXITS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.redmessenger.bootstrap.Main")
            .should()
            .accessTargetWhere(targetIs("the end of the process", ArchitectureRules::isExit));

    static final ArchRule NAMES_SAY_WHAT_THINGS_ARE = classes()
            .should()
            .haveNameNotMatching(".*(Util|Utils|Helper|Helpers|Manager|Impl|Common)")
            .andShould()
            .resideOutsideOfPackages(
                    "..util..",
                    "..utils..",
                    "..common..",
                    "..shared..",
                    "..impl..",
                    "..dto..",
                    "..helper..",
                    "..manager..");

    static final ArchRule PORTS_OUT_HAVE_A_CONTRACT = classes()
            .that(describe("are ports out", ArchitectureRules::isPortOut))
            .should(haveAContract())
            .because("the twin and the adapter must keep the same promises");

    static final ArchRule PACKAGES_ARE_NULL_MARKED = classes().should(resideInANullMarkedPackage());

    private ArchitectureRules() {}

    private static ArchRule vendorStaysIn(String home, String... vendor) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(vendor)
                .because("a vendor's types, exceptions and threads never pass a port");
    }

    private static DescribedPredicate<JavaAccess<?>> targetIs(
            String description, Predicate<CodeUnitAccessTarget> predicate) {
        return describe(
                "the target is " + description,
                access -> access.getTarget() instanceof CodeUnitAccessTarget target && predicate.test(target));
    }

    private static boolean isDefaultClock(CodeUnitAccessTarget target) {
        String owner = target.getOwner().getFullName();
        String name = target.getName();
        return switch (owner) {
            case "java.lang.System" -> name.equals("currentTimeMillis") || name.equals("nanoTime");
            case "java.time.Clock" -> name.startsWith("system") || (name.startsWith("tick") && hasNoClock(target));
            case "java.util.Date", "java.util.GregorianCalendar" ->
                target.getRawParameterTypes().isEmpty() && name.equals("<init>");
            case "java.util.Calendar" -> name.equals("getInstance");
            default -> owner.startsWith("java.time.") && name.equals("now") && hasNoClock(target);
        };
    }

    private static boolean hasNoClock(CodeUnitAccessTarget target) {
        return target.getRawParameterTypes().stream().noneMatch(type -> type.isEquivalentTo(Clock.class));
    }

    private static boolean isRandomness(CodeUnitAccessTarget target) {
        return switch (target.getOwner().getFullName()) {
            case "java.lang.Math" -> target.getName().equals("random");
            case "java.util.UUID" -> target.getName().equals("randomUUID");
            case "java.util.Collections" -> target.getName().equals("shuffle");
            default -> false;
        };
    }

    private static boolean isBlocking(CodeUnitAccessTarget target) {
        JavaClass owner = target.getOwner();
        String name = target.getName();
        if (owner.isAssignableTo(Future.class)) {
            return name.equals("get") || name.equals("join");
        }
        if (owner.isAssignableTo(Thread.class) || owner.isEquivalentTo(TimeUnit.class)) {
            return name.equals("sleep") || name.equals("join");
        }
        if (owner.getFullName().startsWith("java.util.concurrent.")) {
            return name.startsWith("await") || name.startsWith("park");
        }
        return owner.getFullName().startsWith("io.lettuce.core.") && (name.equals("sync") || name.startsWith("await"));
    }

    private static boolean isExit(CodeUnitAccessTarget target) {
        JavaClass owner = target.getOwner();
        return (owner.isEquivalentTo(System.class) || owner.isEquivalentTo(Runtime.class))
                && (target.getName().equals("exit") || target.getName().equals("halt"));
    }

    /** A top-level interface of the package that is not a value: a sealed one lists what it can be, and has no behaviour. */
    private static boolean isPortOut(JavaClass type) {
        return type.getPackageName().equals("io.redmessenger.application.port.out")
                && type.isInterface()
                && type.isTopLevelClass()
                && !type.getSimpleName().equals("package-info")
                && !type.reflect().isSealed();
    }

    private static ArchCondition<JavaClass> haveAContract() {
        return new ArchCondition<>("have a contract that every implementation is tested with") {
            @Override
            public void check(JavaClass port, ConditionEvents events) {
                String contract = "io.redmessenger.application.contract." + port.getSimpleName() + "Contract";
                boolean satisfied = PORTS_WITHOUT_CONTRACT.contains(port.getSimpleName()) || isOnTheClassPath(contract);
                events.add(new SimpleConditionEvent(port, satisfied, port.getFullName() + " has no " + contract));
            }
        };
    }

    private static boolean isOnTheClassPath(String className) {
        return ArchitectureRules.class.getClassLoader().getResource(className.replace('.', '/') + ".class") != null;
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package that is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean satisfied = type.getPackage()
                        .tryGetPackageInfo()
                        .map(info -> info.isAnnotatedWith(NullMarked.class))
                        .orElse(false);
                events.add(new SimpleConditionEvent(
                        type, satisfied, type.getFullName() + " resides in a package that is not @NullMarked"));
            }
        };
    }

    private static ArchCondition<JavaClass> knowOnlyThePackagesBelowThem() {
        return new ArchCondition<>("know only the packages of the network adapter that are below their own") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Optional<String> own = networkPackage(type);
                Set<String> known = own.map(NETWORK_PACKAGES::get).orElse(null);
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    boolean satisfied = known == null
                            || !resideInAPackage(WEBSOCKET).test(dependency.getTargetClass())
                            || networkPackage(dependency.getTargetClass())
                                    .map(target -> own.get().equals(target) || known.contains(target))
                                    .orElse(false);
                    events.add(new SimpleConditionEvent(dependency, satisfied, dependency.getDescription()));
                }
            }
        };
    }

    /** The first step of the package below the network adapter's own; empty at its root. */
    private static Optional<String> networkPackage(JavaClass type) {
        var matcher = Pattern.compile("io\\.redmessenger\\.adapters\\.websocket\\.(\\w+).*")
                .matcher(type.getPackageName());
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static ArchCondition<JavaClass> carryTheNameOfTheirTechnology() {
        return new ArchCondition<>("begin with the name of their technology") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean satisfied = TECHNOLOGIES.entrySet().stream()
                        .filter(entry -> (type.getPackageName() + ".").startsWith(entry.getKey() + "."))
                        .flatMap(entry -> entry.getValue().stream())
                        .anyMatch(type.getSimpleName()::startsWith);
                events.add(new SimpleConditionEvent(
                        type, satisfied, type.getFullName() + " implements a port, but does not name its technology"));
            }
        };
    }
}

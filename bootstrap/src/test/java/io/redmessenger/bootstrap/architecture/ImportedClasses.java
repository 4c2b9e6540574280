package io.redmessenger.bootstrap.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.util.List;

/** What the rules are held against: the released classes of all modules, whether they are folders or jars. */
final class ImportedClasses {

    private static final String ROOT = "io.redmessenger";

    /** All that is released, and nothing else. */
    static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ImportedClasses::isProduction)
            .importPackages(ROOT);

    private ImportedClasses() {}

    /** All that is released, and these test classes besides. */
    static JavaClasses productionAnd(List<Class<?>> canaries) {
        List<String> files = canaries.stream()
                .map(canary -> "/" + canary.getName().replace('.', '/') + ".class")
                .toList();
        return new ClassFileImporter()
                .withImportOption(
                        location -> isProduction(location) || files.stream().anyMatch(location::contains))
                .importPackages(ROOT);
    }

    private static boolean isProduction(Location location) {
        return !location.contains("/target/test-classes/") && !location.contains("-tests.jar");
    }
}

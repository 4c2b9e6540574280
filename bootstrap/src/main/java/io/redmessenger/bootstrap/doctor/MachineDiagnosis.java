package io.redmessenger.bootstrap.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.bootstrap.config.Configuration;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The checks of this machine. They start nothing, and leave nothing behind. */
public final class MachineDiagnosis {

    private MachineDiagnosis() {}

    /** All of them, always in the same order. Takes a few seconds at most. */
    public static List<Finding> examine(Configuration configuration) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(OpenFilesCheck.of(fileLimit(), configuration.maxConnections()));
        findings.add(ListenerCheck.of(configuration.wsHost(), configuration.wsPort(), configuration.rmRoute()));
        return findings;
    }

    /** How many files this process may open, which Java has raised as far as it may. */
    private static OptionalLong fileLimit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? OptionalLong.of(system.getMaxFileDescriptorCount())
                : OptionalLong.empty();
    }
}

package io.redmessenger.benchmarks.load;

import java.io.IOException;
import java.util.Locale;

/** A process and what it has used: before there are connections, with all of them, before what is measured, and after. */
final class WatchedProcess {

    private static final double MEGABYTE = 1 << 20;

    private final String name;
    private final long pid;
    private final ProcessUse idle;
    private ProcessUse connected;
    private ProcessUse before;
    private ProcessUse after;

    WatchedProcess(String name, long pid) throws IOException {
        this.name = name;
        this.pid = pid;
        idle = ProcessUse.of(pid);
        connected = idle;
        before = idle;
        after = idle;
    }

    void allConnected() throws IOException {
        connected = ProcessUse.of(pid);
    }

    void begin() throws IOException {
        before = ProcessUse.of(pid);
    }

    void end() throws IOException {
        after = ProcessUse.of(pid);
    }

    /** @param deliveries how many there were between {@link #begin} and {@link #end} */
    String report(long deliveries) {
        return String.format(
                Locale.ROOT,
                "%-12s %.2f µs of processor time per delivery; RSS %.1f MB, %.1f MB with all connected, %.1f MB at the end",
                name,
                (double) (after.cpuMicros() - before.cpuMicros()) / Math.max(1, deliveries),
                idle.residentBytes() / MEGABYTE,
                connected.residentBytes() / MEGABYTE,
                after.residentBytes() / MEGABYTE);
    }
}

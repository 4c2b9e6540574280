package io.redmessenger.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process of this machine has used so far, by Linux' {@code /proc}.
 *
 * @param cpuMicros processor time of all its threads, user and system
 * @param residentBytes memory that it has now
 */
record ProcessUse(long cpuMicros, long residentBytes) {

    /** A tick of {@code /proc/PID/stat}: 10 ms on every architecture that Java runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    private static final int USER = 11; // fields behind the name
    private static final int SYSTEM = 12;

    static ProcessUse of(long pid) throws IOException {
        Path proc = Path.of("/proc", String.valueOf(pid));
        return parse(Files.readString(proc.resolve("stat")), Files.readAllLines(proc.resolve("status")));
    }

    static ProcessUse parse(String stat, List<String> status) throws IOException {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
        for (String line : status) {
            if (line.startsWith("VmRSS:")) {
                long kilobytes = Long.parseLong(line.replaceAll("\\D", ""));
                return new ProcessUse(ticks * MICROS_PER_TICK, kilobytes << 10);
            }
        }
        throw new IOException("no VmRSS in /proc/PID/status: has the process ended?");
    }
}

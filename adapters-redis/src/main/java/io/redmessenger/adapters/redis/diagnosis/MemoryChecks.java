package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether messages have room, and stay where they are. */
final class MemoryChecks {

    private static final String BUFFERS = "client-output-buffer-limit";
    private static final String PUBSUB_WANTED = "pubsub 256mb 128mb 60";
    private static final String NORMAL_WANTED = "normal 0 0 0";
    private static final Pattern BUFFER = Pattern.compile("(normal|pubsub) (\\d+) (\\d+) (\\d+)");
    private static final long PUBSUB_LEAST = 64L << 20;
    private static final long NORMAL_LEAST = 32L << 20;
    private static final int WARNING_PERCENT = 75;
    private static final int PROBLEM_PERCENT = 95;

    private MemoryChecks() {}

    static Finding eviction(ServerFacts facts, Fields info) {
        String check = "redis-eviction";
        Optional<String> policy = info.text("maxmemory_policy");
        if (policy.isEmpty()) {
            return Unreadable.config(check, "the eviction policy", "maxmemory-policy noeviction");
        }
        if (policy.get().equals("noeviction")) {
            return Finding.ok(check, "maxmemory-policy noeviction: Redis throws nothing away");
        }
        long evicted = info.number("evicted_keys").orElse(0);
        String summary = "maxmemory-policy " + policy.get()
                + (evicted > 0 ? "; " + evicted + " keys thrown away since it was started" : "");
        String command = facts.setting("maxmemory-policy", "noeviction");
        String restart = facts.untilRestart("maxmemory-policy noeviction");
        return info.number("maxmemory").orElse(0) > 0 || evicted > 0
                ? Finding.problem(
                        check,
                        summary,
                        "When its memory is full, Redis throws inboxes away in silence. With noeviction it refuses writes, and"
                                + " RedMessenger waits." + restart,
                        command)
                : Finding.warning(
                        check,
                        summary + ", without a maxmemory",
                        "As soon as somebody sets maxmemory, Redis throws inboxes away in silence." + restart,
                        command);
    }

    static Finding headroom(ServerFacts facts, Fields info) {
        String check = "redis-memory";
        long used = info.number("used_memory").orElse(0);
        long limit = info.number("maxmemory").orElse(0);
        long machine = info.number("total_system_memory").orElse(0);
        long room = limit > 0 ? limit : machine;
        if (room <= 0) {
            return Finding.ok(check, size(used) + " in use, no maxmemory");
        }
        long percent = used * 100 / room;
        String summary = size(used) + " in use, " + percent + " % of "
                + (limit > 0 ? "maxmemory " + size(limit) : "the machine's " + size(machine) + " (no maxmemory)");
        if (percent < WARNING_PERCENT) {
            return Finding.ok(check, summary);
        }
        String command = limit > 0
                ? facts.setting("maxmemory", Long.toString((limit * 2) >> 20) + "mb")
                : facts.cli().administrator("--bigkeys");
        String meaning = limit > 0
                ? "A full Redis refuses writes: publications wait until clients have acknowledged something. If the machine"
                        + " has the memory (" + size(machine) + "), give Redis more of it:"
                : "When the machine's memory is full, its kernel kills Redis. Give it more memory, or see what takes it:";
        return percent < PROBLEM_PERCENT
                ? Finding.warning(check, summary, meaning, command)
                : Finding.problem(check, summary, meaning, command);
    }

    static Finding buffers(ServerFacts facts) {
        String check = "redis-buffers";
        Optional<String> limits = facts.config().flatMap(config -> config.text(BUFFERS));
        if (limits.isEmpty()) {
            return Unreadable.config(check, "the limits of output buffers", BUFFERS + " " + PUBSUB_WANTED);
        }
        boolean pubsub = false;
        boolean normal = false;
        Matcher each = BUFFER.matcher(limits.get());
        while (each.find()) {
            boolean isPubsub = each.group(1).equals("pubsub");
            long least = isPubsub ? PUBSUB_LEAST : NORMAL_LEAST;
            boolean small = isSmall(each.group(2), least) || isSmall(each.group(3), least / 2);
            pubsub |= isPubsub && small;
            normal |= !isPubsub && small;
        }
        if (!pubsub && !normal) {
            return Finding.ok(check, "output buffers: " + limits.get());
        }
        String wanted = !normal ? PUBSUB_WANTED : pubsub ? PUBSUB_WANTED + " " + NORMAL_WANTED : NORMAL_WANTED;
        return Finding.warning(
                check,
                "output buffers are small: " + limits.get(),
                (pubsub
                                ? "Redis cuts a node off that lags behind by more than the pubsub limit, as in a burst; what was"
                                        + " published by PUBLISH and under way to it is lost."
                                : "Redis cuts a node off whose answers exceed the normal limit, as when many inboxes are read at"
                                        + " once.")
                        + facts.untilRestart(BUFFERS + " " + wanted),
                facts.setting(BUFFERS, wanted));
    }

    /** Zero means no limit. */
    private static boolean isSmall(String bytes, long least) {
        long limit = Long.parseLong(bytes);
        return limit > 0 && limit < least;
    }

    private static String size(long bytes) {
        return bytes >= 1L << 30
                ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30))
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20));
    }
}

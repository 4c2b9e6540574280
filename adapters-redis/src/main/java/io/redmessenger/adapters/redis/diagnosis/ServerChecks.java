package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.adapters.redis.diagnosis.ServerFacts.ClockReading;
import io.redmessenger.application.port.out.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The checks of one server. */
public final class ServerChecks {

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);
    private static final Duration CLOCK_LIMIT = Duration.ofMinutes(1);

    private ServerChecks() {}

    /** All of them, always in the same order. */
    public static List<Finding> of(ServerFacts facts) {
        List<Finding> findings = new ArrayList<>();
        findings.add(informed("redis-version", "its version", facts, ServerChecks::version));
        findings.add(informed("redis-role", "its role", facts, ServerChecks::role));
        findings.add(informed("redis-persistence", "whether it keeps its data", facts, PersistenceChecks::kept));
        findings.add(informed("redis-saving", "whether it can save its data", facts, PersistenceChecks::saving));
        findings.add(informed("redis-eviction", "its eviction policy", facts, MemoryChecks::eviction));
        findings.add(informed("redis-memory", "how full it is", facts, MemoryChecks::headroom));
        findings.add(MemoryChecks.buffers(facts));
        findings.add(informed("redis-replicas", "its replicas", facts, ReplicaChecks::replicas));
        findings.add(clock(facts));
        return findings;
    }

    private static Finding informed(
            String check, String what, ServerFacts facts, BiFunction<ServerFacts, Fields, Finding> question) {
        return facts.info()
                .map(info -> question.apply(facts, info))
                .orElseGet(() -> Unreadable.info(check, what, facts.cli()));
    }

    private static Finding version(ServerFacts facts, Fields info) {
        String check = "redis-version";
        String redis = info.text("redis_version").orElse("unknown");
        String name = info.text("valkey_version")
                .map(valkey -> "Valkey " + valkey + " (compatible with Redis " + redis + ")")
                .orElse("Redis " + redis);
        Matcher version = VERSION.matcher(redis);
        if (!version.matches()) {
            return Finding.skipped(
                    check, name, "It does not tell its version in a known form; 6.2 or later is needed.");
        }
        int major = Integer.parseInt(version.group(1));
        boolean fits = major > 6 || (major == 6 && Integer.parseInt(version.group(2)) >= 2);
        return fits
                ? Finding.ok(check, name)
                : Finding.problem(
                        check,
                        name + " is too old",
                        "Redis 6.2 or later, or Valkey, is needed; 7.0 is what the tests run on. On Debian 12, Ubuntu 24.04 or"
                                + " later the package will do:",
                        "sudo apt-get update && sudo apt-get install redis-server");
    }

    private static Finding role(ServerFacts facts, Fields info) {
        String check = "redis-role";
        if (info.is("cluster_enabled", "1") && !facts.clustered()) {
            return Finding.problem(
                    check,
                    facts.cli().address() + " is a node of a Redis Cluster",
                    "The configuration takes it for a Redis that stands alone: most keys are on other nodes. Set redis_cluster:",
                    "redmessenger doctor --redis-cluster true");
        }
        if (info.is("role", "slave")) {
            String host = info.text("master_host").orElse("MASTER");
            String port = info.text("master_port").orElse("6379");
            boolean whole =
                    facts.cli().secret() || facts.cli().tls() || facts.cli().database() != 0;
            String url = (facts.cli().tls() ? "rediss://" : "redis://")
                    + (facts.cli().secret() ? facts.cli().user().orElse("") + ":PASSWORD@" : "")
                    + facts.cli().at(host, Integer.parseInt(port)).address()
                    + "/" + facts.cli().database();
            return Finding.problem(
                    check,
                    facts.cli().address() + " is a replica; its master is " + host + ":" + port,
                    "A replica takes no writes, so nothing can be stored. Use the master (or Sentinel, which names it):",
                    "redmessenger doctor "
                            + (whole ? "--redis-url " + url : "--redis-host " + host + " --redis-port " + port));
        }
        return Finding.ok(check, facts.cli().address() + " is a master, and has loaded its data");
    }

    private static Finding clock(ServerFacts facts) {
        String check = "redis-clock";
        if (facts.clock().isEmpty()) {
            return Finding.skipped(
                    check,
                    "the clock of Redis cannot be read here",
                    "RedMessenger itself needs TIME; the check redis-rights says what is missing.");
        }
        ClockReading reading = facts.clock().get();
        Duration off = reading.ahead().abs();
        String difference = off.toMillis() + " ms " + (reading.ahead().isNegative() ? "behind" : "ahead of")
                + " the clock of this machine (give or take "
                + reading.uncertainty().plusMillis(1).toMillis() + " ms)";
        if (off.minus(reading.uncertainty()).compareTo(CLOCK_TOLERANCE) < 0) {
            return Finding.ok(check, "the clock of Redis is " + difference);
        }
        String summary = "the clock of Redis is " + difference;
        String meaning =
                "The timestamps of messages, and the times at which they expire, are off by as much. Run this on the"
                        + " machine whose clock is wrong:";
        String command = "sudo timedatectl set-ntp true && timedatectl status";
        return off.compareTo(CLOCK_LIMIT) < 0
                ? Finding.warning(check, summary, meaning, command)
                : Finding.problem(check, summary, meaning, command);
    }
}

package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;

/** Whether a failover would lose what is stored. */
final class ReplicaChecks {

    private static final String LEAST = "min-replicas-to-write";

    private ReplicaChecks() {}

    static Finding replicas(ServerFacts facts, Fields info) {
        String check = "redis-replicas";
        long connected = info.number("connected_slaves").orElse(0);
        long good = info.number("min_slaves_good_slaves").orElse(connected);
        long least = facts.config()
                .map(config -> config.number(LEAST).orElse(0))
                .orElse(info.number("min_slaves_good_slaves").isPresent() ? 1L : 0L);
        String summary = count(connected) + ", " + LEAST + " "
                + (facts.config().isPresent() ? least : "cannot be read here") + ", redis_wait_replicas "
                + facts.waitReplicas();
        if (facts.waitReplicas() > connected) {
            return Finding.problem(
                    check,
                    summary,
                    "Each message waits for the confirmation of more replicas than there are, so none ever counts as stored."
                            + " Start the missing replicas, or wait for fewer:",
                    "redmessenger serve --redis-wait-replicas " + connected);
        }
        if (good < least) {
            return Finding.problem(
                    check,
                    summary + ", of which in step: " + good,
                    "Redis takes no writes while it has fewer replicas in step than that (NOREPLICAS), so nothing can be"
                            + " stored. Start the missing replicas, or ask for fewer:",
                    facts.setting(LEAST, Long.toString(good)));
        }
        if (connected > 0
                && least == 0
                && facts.waitReplicas() == 0
                && facts.config().isPresent()) {
            return Finding.warning(
                    check,
                    summary,
                    "A failover may lose what was stored last, without limit when the replicas lag. With min-replicas-to-write"
                            + " 1 it is what was stored within min-replicas-max-lag; redis_wait_replicas 1 has each message wait"
                            + " for a replica besides." + facts.untilRestart(LEAST + " 1"),
                    facts.setting(LEAST, "1"));
        }
        return Finding.ok(check, summary);
    }

    private static String count(long replicas) {
        return replicas == 0 ? "no replicas" : replicas == 1 ? "1 replica" : replicas + " replicas";
    }
}

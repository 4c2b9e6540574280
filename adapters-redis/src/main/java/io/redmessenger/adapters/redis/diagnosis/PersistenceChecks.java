package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;

/** Whether messages outlive the process of Redis. */
final class PersistenceChecks {

    private PersistenceChecks() {}

    static Finding kept(ServerFacts facts, Fields info) {
        String check = "redis-persistence";
        if (info.is("aof_enabled", "1")) {
            String sync =
                    facts.config().flatMap(config -> config.text("appendfsync")).orElse("unknown");
            return switch (sync) {
                case "no" ->
                    Finding.warning(
                            check,
                            "append-only file on, appendfsync no",
                            "If the machine dies, half a minute or more of messages may be lost; with everysec it is one"
                                    + " second." + facts.untilRestart("appendfsync everysec"),
                            facts.setting("appendfsync", "everysec"));
                case "unknown" -> Finding.ok(check, "append-only file on (how often it is synced cannot be read here)");
                default -> Finding.ok(check, "append-only file on, appendfsync " + sync);
            };
        }
        if (facts.config().isEmpty() || facts.config().get().text("save").isEmpty()) {
            return Unreadable.config(check, "append-only file off; whether there are snapshots", "appendonly yes");
        }
        String save = facts.config().get().text("save").orElse("");
        String command = facts.setting("appendonly", "yes");
        String advice = " The append-only file keeps all but the last second." + facts.untilRestart("appendonly yes");
        return save.isEmpty()
                ? Finding.problem(
                        check,
                        "Redis keeps nothing on disk: appendonly no, save \"\"",
                        "When Redis restarts, every message that waits is lost." + advice,
                        command)
                : Finding.warning(
                        check,
                        "snapshots only: appendonly no, save " + save,
                        "When Redis or its machine dies, what was stored since the last snapshot is lost." + advice,
                        command);
    }

    static Finding saving(ServerFacts facts, Fields info) {
        String check = "redis-saving";
        String disk =
                "Most often the disk is full, or the directory may not be written to (df -h, and the log of Redis, say"
                        + " which).";
        if (info.is("aof_last_write_status", "err")) {
            return Finding.problem(
                    check,
                    "Redis could not write its append-only file the last time",
                    "It takes no writes until it can (MISCONF), so nothing can be stored. " + disk
                            + " Then see whether it works:",
                    facts.cli().administrator("INFO", "persistence"));
        }
        if (info.is("rdb_last_bgsave_status", "err")) {
            boolean stops = facts.config()
                    .flatMap(config -> config.text("stop-writes-on-bgsave-error"))
                    .filter("no"::equals)
                    .isEmpty();
            String command = facts.cli().administrator("BGSAVE");
            String again = " Mend that, and have it save again:";
            return stops
                    ? Finding.problem(
                            check,
                            "Redis could not save a snapshot the last time",
                            "It takes no writes until it can (MISCONF), so nothing can be stored. " + disk + again,
                            command)
                    : Finding.warning(
                            check,
                            "Redis could not save a snapshot the last time",
                            "Its snapshots grow old. " + disk + again,
                            command);
        }
        if (info.is("aof_last_bgrewrite_status", "err")) {
            return Finding.warning(
                    check,
                    "Redis could not rewrite its append-only file the last time",
                    "The file grows until the disk is full. " + disk + " Then have it try again:",
                    facts.cli().administrator("BGREWRITEAOF"));
        }
        return Finding.ok(check, "the last write to disk went well");
    }
}

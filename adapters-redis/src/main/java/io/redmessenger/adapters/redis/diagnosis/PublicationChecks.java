package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;

/** Whether what was published has arrived. */
public final class PublicationChecks {

    /** For how long a gap is a reason to warn; it stays on record for ever. */
    private static final Duration RECENT = Duration.ofDays(7);

    private static final String GAP = "publish-gap";
    private static final String DEAD = "dead-letters";

    private PublicationChecks() {}

    /** @param heard the record of how far the nodes have come; it has no gaps when there were none */
    public static Finding gap(RedisCli cli, Fields heard, Instant now) {
        OptionalLong at = heard.number("gap_at");
        long length = heard.number("gap_ms").orElse(0);
        long count = heard.number("gaps").orElse(0);
        if (at.isEmpty() || count == 0) {
            return Finding.ok(GAP, "no gap in what was heard by PUBLISH is on record");
        }
        Instant end = Instant.ofEpochMilli(at.getAsLong()).truncatedTo(ChronoUnit.SECONDS);
        String summary = (count == 1 ? "1 gap on record" : count + " gaps on record, the newest")
                + (count == 1 ? ", of " : " of ") + words(Duration.ofMillis(length)) + ", ended at " + end;
        if (Duration.between(end, now).compareTo(RECENT) > 0) {
            return Finding.ok(GAP, summary + ", more than " + RECENT.toDays() + " days ago");
        }
        return Finding.warning(
                GAP,
                summary,
                "No node was listening, or none reached Redis: what was published meanwhile by PUBLISH may be lost. Run a second"
                        + " node on this Redis (any gap of one is filled by the other), or publish so that it waits:",
                cli.command("XADD", "rm:publish", "*", "to", "rm.users.user1", "payload", "Hello"));
    }

    /** @param letters how many entries the stream of dead letters has */
    public static Finding dead(RedisCli cli, long letters) {
        return letters == 0
                ? Finding.ok(DEAD, "no dead letters in rm:dead")
                : Finding.warning(
                        DEAD,
                        letters == 1 ? "1 dead letter in rm:dead" : letters + " dead letters in rm:dead",
                        "These entries of rm:publish could never be published, and nobody gets them. Each has its reason; see the"
                                + " newest (and XTRIM rm:dead MAXLEN 0 when they are dealt with):",
                        cli.command("XREVRANGE", "rm:dead", "+", "-", "COUNT", "10"));
    }

    /** When Redis does not tell. */
    public static Finding refused(boolean gap, RedisCli cli, String answer) {
        return Finding.skipped(
                gap ? GAP : DEAD,
                (gap ? "the record of gaps" : "the stream of dead letters") + " cannot be read here: " + answer,
                "RedMessenger itself needs this right; the check redis-rights says what is missing.",
                gap ? cli.administrator("HGETALL", "rm:heard") : cli.administrator("XLEN", "rm:dead"));
    }

    private static String words(Duration length) {
        if (length.toMinutes() == 0) {
            return length.toMillis() / 1_000 + "." + length.toMillisPart() / 100 + " s";
        }
        return length.toHours() == 0
                ? length.toMinutes() + " min " + length.toSecondsPart() + " s"
                : length.toHours() + " h " + length.toMinutesPart() + " min";
    }
}

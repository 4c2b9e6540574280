package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys that hold something else than RedMessenger expects under their names. Filled key by key; not safe for concurrent use. */
public final class KeyTypes {

    private static final String CHECK = "redis-keys";
    private static final int SHOWN = 5;
    private static final Pattern PRINTABLE = Pattern.compile("[!-~]{1,200}");
    private static final Pattern INBOX = Pattern.compile("rm:users:.*:messages", Pattern.DOTALL);
    private static final Pattern STATE = Pattern.compile("rm:users:.*:state", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("rm:users:.*:key", Pattern.DOTALL);
    private static final Pattern MEMBERS = Pattern.compile("rm:channels:.*:subscribers", Pattern.DOTALL);
    private static final Pattern STREAM = Pattern.compile("rm:(publish|dead)");
    private static final Pattern RECORD = Pattern.compile("rm:heard(:\\{rm:publish})?");
    private static final Pattern BRACED = Pattern.compile("rm:(users|channels):\\{.*}:.*", Pattern.DOTALL);

    private record Wrong(String key, String type, String expected) {}

    private final boolean cluster;
    private final List<Wrong> wrong = new ArrayList<>();
    private final List<String> misnamed = new ArrayList<>();
    private long wrongCount;
    private long misnamedCount;
    private long looked;

    /** @param cluster whether names are those for a cluster */
    public KeyTypes(boolean cluster) {
        this.cluster = cluster;
    }

    /** The type that the name of a key asks for; empty when it asks for none. */
    public static Optional<String> expected(String key) {
        if (INBOX.matcher(key).matches()) {
            return Optional.of("list");
        }
        if (STATE.matcher(key).matches() || RECORD.matcher(key).matches()) {
            return Optional.of("hash");
        }
        if (KEY.matcher(key).matches()) {
            return Optional.of("string");
        }
        if (MEMBERS.matcher(key).matches()) {
            return Optional.of("set");
        }
        return STREAM.matcher(key).matches() ? Optional.of("stream") : Optional.empty();
    }

    /** @param type as TYPE says; {@code none} when the key has gone meanwhile */
    public void look(String key, String type) {
        looked++;
        Optional<String> expected = expected(key);
        if (expected.isEmpty() || type.equals("none")) {
            return;
        }
        if (!type.equals(expected.get())) {
            wrongCount++;
            if (wrong.size() < SHOWN) {
                wrong.add(new Wrong(key, type, expected.get()));
            }
        } else if (key.startsWith("rm:users:") || key.startsWith("rm:channels:")) {
            if (cluster != BRACED.matcher(key).matches()) {
                misnamedCount++;
                if (misnamed.size() < SHOWN) {
                    misnamed.add(key);
                }
            }
        }
    }

    public long looked() {
        return looked;
    }

    /** @param extent how much was looked at, in words */
    public Finding judge(RedisCli cli, String extent) {
        if (wrongCount > 0) {
            Wrong first = wrong.get(0);
            String examples = String.join(
                    ", ",
                    wrong.stream()
                            .map(one -> one.key() + " is a " + one.type() + ", not a " + one.expected())
                            .toList());
            return Finding.problem(
                    CHECK,
                    wrongCount + (wrongCount == 1 ? " key of the wrong type: " : " keys of the wrong type: ") + examples
                            + "; " + extent,
                    "RedMessenger leaves such a key alone, so these users or channels get nothing. Another program has written"
                            + " it. Move it out of the way, and nothing is thrown away:",
                    PRINTABLE.matcher(first.key()).matches()
                            ? cli.command("RENAMENX", first.key(), "wrong-type:" + first.key())
                            : cli.command("--scan", "--pattern", "rm:*"));
        }
        if (misnamedCount > 0) {
            String first = misnamed.get(0);
            return Finding.warning(
                    CHECK,
                    misnamedCount + (misnamedCount == 1 ? " key" : " keys") + (cluster ? " without" : " with")
                            + " braces, such as " + first + "; " + extent,
                    cluster
                            ? "In a cluster the id stands in braces: rm:users:{user1}:key. RedMessenger does not look at names"
                                    + " without. Correct the backend that writes them; this is what is there:"
                            : "Names with braces are those of a cluster, and this is none: RedMessenger does not look at them."
                                    + " Correct the backend that writes them; this is what is there:",
                    cli.command("--scan", "--pattern", first));
        }
        return Finding.ok(CHECK, "keys have the right types; " + extent);
    }

    /** When Redis does not tell. */
    public static Finding refused(RedisCli cli, String answer) {
        return Finding.skipped(
                CHECK,
                "the types of keys cannot be read here: " + answer,
                "RedMessenger can do without; only this check needs more rights. To give them:",
                cli.administrator("ACL", "SETUSER", cli.user().orElse("default"), "+scan", "+type"));
    }
}

package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entry of the stream of publications, as the backend wrote it. A value that is too long is cut. */
final class StreamEntry {

    /** The fields that mean something; in the order of {@link #values}. */
    static final List<String> FIELDS = List.of("to", "payload", "id", "ttl");

    private static final int BEFORE_VALUES = 3;
    private static final int WIDTH = BEFORE_VALUES + FIELDS.size();

    private final String id;
    private final long begun;
    private final @Nullable String twice;
    private final List<byte @Nullable []> values;

    /**
     * @param id its id in the stream: milliseconds, a hyphen, a number
     * @param begun how often somebody has taken it, this time included
     * @param twice the name of a field that is there more than once
     * @param values one per field
     */
    StreamEntry(String id, long begun, @Nullable String twice, List<byte @Nullable []> values) {
        this.id = id;
        this.begun = begun;
        this.twice = twice;
        this.values = values;
    }

    /** Reads what a script replied, from its {@code from}-th value on. */
    static List<StreamEntry> listOf(List<?> reply, int from) {
        List<StreamEntry> entries = new ArrayList<>();
        for (int at = from; at < reply.size(); at += WIDTH) {
            List<byte @Nullable []> values = new ArrayList<>();
            for (int i = 0; i < FIELDS.size(); i++) {
                values.add((byte @Nullable []) reply.get(at + BEFORE_VALUES + i));
            }
            byte @Nullable [] twice = (byte @Nullable []) reply.get(at + 2);
            entries.add(new StreamEntry(
                    new String((byte[]) reply.get(at), US_ASCII),
                    (Long) reply.get(at + 1),
                    twice == null ? null : new String(twice, US_ASCII),
                    values));
        }
        return entries;
    }

    String id() {
        return id;
    }

    long begun() {
        return begun;
    }

    /** When Redis took it, in Unix milliseconds: the first part of its id, unless the backend chose another id. */
    long millis() {
        return Long.parseUnsignedLong(id, 0, id.indexOf('-'), 10);
    }

    @Nullable
    String twice() {
        return twice;
    }

    byte @Nullable [] to() {
        return values.get(0);
    }

    byte @Nullable [] payload() {
        return values.get(1);
    }

    byte @Nullable [] key() {
        return values.get(2);
    }

    byte @Nullable [] ttl() {
        return values.get(3);
    }
}

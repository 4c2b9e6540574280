package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.XAddArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.PortException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The stream of publications, as its one reader uses it. The reader is a consumer of a group: what it has taken stays
 * pending until it is finished or buried, and whoever holds the lease next takes up what is pending.
 *
 * <p>Stages fail only with {@link PortException}.
 */
final class PublicationStream {

    /** Where to begin with what is unfinished. */
    static final String OLDEST = "-";

    /** Where what is unfinished ends. */
    static final String END = "";

    private static final byte[] GROUP = utf8("redmessenger");

    /** Nodes need no consumers of their own, for one reads at a time: so none is left behind by a node that dies. */
    private static final byte[] CONSUMER = utf8("reader");

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEAD_LETTERS = 10_000;
    private static final int DEAD_FIELDS = 16;
    private static final int DEAD_BYTES = 4_096;

    /** How long a publication that has a name is remembered. */
    static final Duration WINDOW = Duration.ofHours(24);

    private final RedisScripts scripts;
    private final RedisConnections connections;
    private final RedisKeys keys;
    private final int longestValue;
    private final long waitMillis;

    private volatile @Nullable StatefulRedisConnection<byte[], byte[]> waiting;
    private volatile boolean closed;

    /** @param longestValue bytes of a field that are read; one more tells that there were more */
    PublicationStream(
            RedisScripts scripts,
            RedisConnections connections,
            RedisKeys keys,
            int longestValue,
            Duration commandTimeout) {
        this.scripts = scripts;
        this.connections = connections;
        this.keys = keys;
        this.longestValue = longestValue;
        this.waitMillis =
                Math.max(1, Math.min(LONGEST_WAIT.toMillis(), commandTimeout.toMillis() / 2)); // 0 is for ever
    }

    /**
     * What was taken.
     *
     * @param last the entry that the group has taken last
     * @param next where to go on with what is unfinished, or {@link #END}
     */
    record Taken(List<StreamEntry> entries, String last, String next) {}

    /** What is remembered of a publication that has a name. */
    record Remembered(String entry, String to) {
        @Override
        public String toString() {
            return entry + " " + to;
        }

        static Remembered parse(String text) {
            int space = text.indexOf(' ');
            return space < 0
                    ? new Remembered(text, "")
                    : new Remembered(text.substring(0, space), text.substring(space + 1));
        }
    }

    /**
     * An entry that is done with.
     *
     * @param key the publication's name, if it has one
     */
    record Finished(String entry, Optional<String> key, String to) {}

    /**
     * Takes new entries, in order; none when there are none. Empty when the lease is over.
     *
     * @param last what the group took last, as far as the caller knows. When it has taken more, nothing is taken: the answer
     *     to some call was lost, and what that brought is to be taken as unfinished first.
     */
    CompletionStage<Optional<Taken>> takeNew(Lease lease, int count, String last) {
        return take(lease, count, "new", last, Duration.ZERO);
    }

    /**
     * Takes entries, in order, that somebody has taken before and not finished.
     *
     * @param from {@link #OLDEST}, or where the last call said to go on
     * @param rest how long nobody must have touched them
     */
    CompletionStage<Optional<Taken>> takeUnfinished(Lease lease, int count, String from, Duration rest) {
        return take(lease, count, "unfinished", from, rest);
    }

    private CompletionStage<Optional<Taken>> take(Lease lease, int count, String which, String from, Duration rest) {
        List<byte[]> arguments = new ArrayList<>(List.of(
                RedisLeases.value(lease),
                GROUP,
                CONSUMER,
                utf8(count),
                utf8(MAX_BYTES),
                utf8(longestValue),
                utf8(which),
                utf8(from),
                utf8(rest.toMillis())));
        StreamEntry.FIELDS.forEach(field -> arguments.add(utf8(field)));
        return scripts.call(LuaScript.TAKE, leaseAndStream(lease), arguments)
                .thenApply(reply -> reply.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Taken(StreamEntry.listOf(reply, 2), text(reply.get(0)), text(reply.get(1)))));
    }

    private static String text(Object value) {
        return new String((byte[]) value, UTF_8);
    }

    private List<byte[]> leaseAndStream(Lease lease) {
        return new ArrayList<>(List.of(keys.lease(lease.name()), RedisKeys.PUBLISH_STREAM));
    }

    /** What {@link #begin} finds. */
    record Begun(boolean leaseHeld, Optional<Remembered> before) {}

    /**
     * Notes that an entry is begun, so that one that kills whoever begins it is noticed.
     *
     * @param times how often it was begun, this time included
     */
    CompletionStage<Begun> begin(Lease lease, String entry, long times, Optional<String> key) {
        List<byte[]> names = leaseAndStream(lease);
        key.ifPresent(name -> names.add(keys.published(name)));
        return scripts.call(
                        LuaScript.BEGIN,
                        names,
                        List.of(RedisLeases.value(lease), GROUP, CONSUMER, utf8(entry), utf8(times)))
                .thenApply(reply -> reply.isEmpty()
                        ? new Begun(false, Optional.empty())
                        : new Begun(
                                true,
                                Optional.of(text(reply.get(0)))
                                        .filter(text -> !text.isEmpty())
                                        .map(Remembered::parse)));
    }

    /** Removes entries that are done with. May be repeated. */
    CompletionStage<Void> finish(List<Finished> entries) {
        List<byte[]> names = new ArrayList<>(List.of(RedisKeys.PUBLISH_STREAM));
        List<byte[]> arguments = new ArrayList<>(List.of(GROUP, utf8(WINDOW.toMillis())));
        for (Finished one : entries) {
            arguments.add(utf8(one.entry()));
            if (one.key().isPresent()) {
                names.add(keys.published(one.key().get()));
                arguments.add(utf8(new Remembered(one.entry(), one.to()).toString()));
            } else {
                arguments.add(utf8(""));
            }
        }
        return scripts.call(LuaScript.FINISH, names, arguments).thenAccept(reply -> {});
    }

    /**
     * Moves an entry to the dead letters; false when it is not pending any more. In a cluster the dead letters are at
     * another server: when this node dies in between, the letter is there twice.
     */
    CompletionStage<Boolean> bury(String entry, String reason) {
        List<byte[]> names = keys.areSpread()
                ? List.of(RedisKeys.PUBLISH_STREAM)
                : List.of(RedisKeys.PUBLISH_STREAM, RedisKeys.DEAD_STREAM);
        return scripts.call(
                        LuaScript.BURY,
                        names,
                        List.of(
                                GROUP,
                                utf8(entry),
                                utf8(reason),
                                utf8(MAX_DEAD_LETTERS),
                                utf8(DEAD_FIELDS),
                                utf8(DEAD_BYTES)))
                .thenCompose(reply -> {
                    boolean buried = (Long) reply.get(0) == 1;
                    return buried && keys.areSpread()
                            ? send(entry, reply.subList(1, reply.size()))
                            : CompletableFuture.completedFuture(buried);
                });
    }

    private CompletionStage<Boolean> send(String entry, List<Object> letter) {
        Object[] fields = letter.toArray();
        CompletionStage<byte[]> added;
        try {
            added = RedisFailures.translated(connections
                    .get()
                    .xadd(
                            RedisKeys.DEAD_STREAM,
                            XAddArgs.Builder.maxlen(MAX_DEAD_LETTERS).approximateTrimming(),
                            fields)
                    .thenApply(id -> utf8(id)));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(RedisFailures.translate(e));
        }
        return added.thenCompose(id -> finish(List.of(new Finished(entry, Optional.empty(), ""))))
                .thenApply(done -> true);
    }

    /**
     * Waits until there is an entry behind {@code last}, for a second at most. Reads nothing for the group, so that a
     * node may wait without a lease: the wait goes on at Redis whatever becomes of whoever waits.
     */
    CompletionStage<Void> awaitNew(String last) {
        return RedisFailures.translated(awaitOnOwnConnection(last)).whenComplete((done, failure) -> {
            if (failure != null) {
                dropConnection();
            }
        });
    }

    private CompletionStage<Void> awaitOnOwnConnection(String last) {
        StatefulRedisConnection<byte[], byte[]> open = waiting;
        try {
            return open == null
                    ? connections.another().thenCompose(connection -> awaitOn(connection, last))
                    : read(open, last);
        } catch (RuntimeException e) { // everything is closed
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<Void> awaitOn(StatefulRedisConnection<byte[], byte[]> connection, String last) {
        waiting = connection;
        if (closed) {
            dropConnection();
        }
        return read(connection, last);
    }

    @SuppressWarnings("unchecked") // the array of one stream
    private CompletionStage<Void> read(StatefulRedisConnection<byte[], byte[]> connection, String last) {
        return connection
                .async()
                .xread(XReadArgs.Builder.block(waitMillis).count(1), StreamOffset.from(RedisKeys.PUBLISH_STREAM, last))
                .thenAccept(entries -> {});
    }

    private void dropConnection() {
        StatefulRedisConnection<byte[], byte[]> old = waiting;
        waiting = null;
        if (old != null) {
            RedisConnections.release(old);
        }
    }

    void close() {
        closed = true;
        dropConnection();
    }
}

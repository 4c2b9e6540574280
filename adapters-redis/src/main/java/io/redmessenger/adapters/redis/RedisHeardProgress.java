package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redmessenger.application.port.out.Lease;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A HASH for the record, and a Pub/Sub channel for the markers. */
final class RedisHeardProgress implements HeardProgress {

    private static final String NO_MARKER = "-";
    private static final String SERIES = "[0-9a-z][0-9a-z-]{0,63}";
    private static final Pattern NEWS =
            Pattern.compile("(\\? )?(" + SERIES + "|-)(?: (< )?(" + SERIES + ") ([0-9]{1,18}))?");

    private final RedisScripts scripts;
    private final RedisConnections connections;
    private final RedisKeys keys;

    RedisHeardProgress(RedisScripts scripts, RedisConnections connections, RedisKeys keys) {
        this.scripts = scripts;
        this.connections = connections;
        this.keys = keys;
    }

    @Override
    public CompletionStage<Long> join(String marker) {
        return tell(marker);
    }

    @Override
    public CompletionStage<Long> ask(String marker) {
        return tell("? " + marker);
    }

    @Override
    public CompletionStage<Long> answer(String marker, Name last) {
        return tell(marker + " < " + last.marker() + " " + last.number());
    }

    @Override
    public CompletionStage<Long> leave() {
        return tell(NO_MARKER);
    }

    private CompletionStage<Long> tell(String news) {
        try {
            return RedisFailures.translated(connections.publish(RedisKeys.MARKERS, utf8(news)));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(RedisFailures.translate(e));
        }
    }

    @Override
    public CompletionStage<Boolean> mark(Lease lease, Optional<String> marker, Name through, long gapMillis) {
        return scripts.call(
                        LuaScript.MARK,
                        List.of(keys.lease(RedisKeys.HEARD_LEASE), keys.heard()),
                        List.of(
                                RedisLeases.value(lease),
                                RedisKeys.MARKERS,
                                utf8(marker.orElse(NO_MARKER)),
                                utf8(through.marker()),
                                utf8(through.number()),
                                utf8(gapMillis)))
                .thenApply(reply -> (Long) reply.get(0) == 1);
    }

    @Override
    public CompletionStage<Outlook> look() {
        return scripts.call(LuaScript.LOOK, List.of(keys.heard()), List.of(RedisKeys.MARKERS))
                .thenApply(reply -> new Outlook((Long) reply.get(0), (Long) reply.get(1), recorded(reply)));
    }

    private static Optional<Recorded> recorded(List<?> reply) {
        if (reply.size() < 5) {
            return Optional.empty();
        }
        String marker = new String((byte[]) reply.get(2), US_ASCII);
        return Optional.of(new Recorded(new Name(marker, (Long) reply.get(3)), (Long) reply.get(4)));
    }

    /** What was published to {@link RedisKeys#MARKERS}. */
    sealed interface News {

        /** Somebody wants to know what came before the marker. */
        record Question(String marker) implements News {}

        /** That came last before the marker. */
        record Answer(String marker, Name last) implements News {}

        /**
         * @param marker empty when its sender leaves
         * @param through what its sender has recorded; empty when it has just begun to listen
         */
        record Marker(Optional<String> marker, Optional<Name> through) implements News {}

        /** Empty when it is none of ours: anybody can publish there. */
        static Optional<News> read(byte[] text) {
            Matcher matcher = NEWS.matcher(new String(text, US_ASCII));
            if (!matcher.matches()) {
                return Optional.empty();
            }
            String marker = matcher.group(2);
            Optional<Name> name =
                    Optional.ofNullable(matcher.group(4)).map(of -> new Name(of, Long.parseLong(matcher.group(5))));
            if (matcher.group(1) != null) {
                return Optional.of(new Question(marker));
            }
            if (matcher.group(3) != null) {
                return name.map(last -> new Answer(marker, last));
            }
            return Optional.of(new Marker(Optional.of(marker).filter(any -> !any.equals(NO_MARKER)), name));
        }
    }
}

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
    private static final Pattern MARKER = Pattern.compile("(" + SERIES + "|-)(?: (" + SERIES + ") ([0-9]{1,18}))?");

    private final RedisScripts scripts;
    private final RedisConnections connections;
    private final RedisKeys keys;

    RedisHeardProgress(RedisScripts scripts, RedisConnections connections, RedisKeys keys) {
        this.scripts = scripts;
        this.connections = connections;
        this.keys = keys;
    }

    @Override
    public CompletionStage<Long> leave() {
        return join(NO_MARKER);
    }

    @Override
    public CompletionStage<Long> join(String marker) {
        try {
            return RedisFailures.translated(connections.publish(RedisKeys.MARKERS, utf8(marker)));
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

    /**
     * What was published to {@link RedisKeys#MARKERS}.
     *
     * @param marker the marker itself; empty when its sender leaves
     * @param through what its sender has recorded; empty when it has just begun to listen
     */
    record Heard(Optional<String> marker, Optional<Name> through) {

        /** Empty when it is none of ours: anybody can publish there. */
        static Optional<Heard> read(byte[] text) {
            Matcher matcher = MARKER.matcher(new String(text, US_ASCII));
            if (!matcher.matches()) {
                return Optional.empty();
            }
            return Optional.of(new Heard(
                    Optional.of(matcher.group(1)).filter(marker -> !marker.equals(NO_MARKER)),
                    Optional.ofNullable(matcher.group(2))
                            .map(marker -> new Name(marker, Long.parseLong(matcher.group(3))))));
        }
    }
}

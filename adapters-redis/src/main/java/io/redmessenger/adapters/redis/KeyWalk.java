package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.redmessenger.adapters.redis.diagnosis.KeyTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Looks at keys and their types, a few at a time so that Redis is never busy with that for long, and for a short time. */
final class KeyWalk {

    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final int AT_ONCE = 500;
    private static final int MOST_KEYS = 200_000;

    private final RedisConnections connections;
    private final KeyTypes types;
    private final CompletableFuture<String> done = new CompletableFuture<>();
    private final long end = System.nanoTime() + LONGEST.toNanos();

    KeyWalk(RedisConnections connections, KeyTypes types) {
        this.connections = connections;
        this.types = types;
    }

    /** @return how much was looked at, in words; fails with what Redis refuses by */
    CompletionStage<String> walk() {
        step(ScanCursor.INITIAL);
        return done;
    }

    private void step(ScanCursor from) {
        ScanArgs some = ScanArgs.Builder.matches("rm:*").limit(AT_ONCE);
        CompletionStage<KeyScanCursor<byte[]>> scanning = connections.get().scan(from, some);
        scanning.thenCompose(page -> look(page.getKeys()).thenApply(looked -> (ScanCursor) page))
                .whenComplete((reached, failure) -> {
                    if (failure != null) {
                        done.completeExceptionally(failure);
                    } else if (reached.isFinished()) {
                        done.complete("looked at all " + types.looked() + " keys of rm:*");
                    } else if (System.nanoTime() - end > 0 || types.looked() >= MOST_KEYS) {
                        done.complete("looked at " + types.looked()
                                + " keys of rm:*, and not at the rest: that would take" + " too long");
                    } else {
                        step(reached);
                    }
                });
    }

    private CompletionStage<Void> look(List<byte[]> keys) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (byte[] key : keys) {
            String name = new String(key, ISO_8859_1);
            CompletionStage<String> asking = connections.get().type(key);
            all.add(asking.thenAccept(type -> note(name, type)).toCompletableFuture());
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
    }

    /** Answers of a cluster come on several threads. */
    private void note(String key, String type) {
        synchronized (types) {
            types.look(key, type);
        }
    }
}

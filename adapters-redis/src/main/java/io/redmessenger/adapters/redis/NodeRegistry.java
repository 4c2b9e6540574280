package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.redmessenger.application.port.out.PortException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes of a cluster live. In a cluster no server knows all subscribers, so each node notes every second that it
 * lives, before it registers at its first inbox, and learns who else does. One that is not heard of for ten seconds is
 * dead: the others remove its registrations where they meet them.
 *
 * <p>A node that comes back from that is told, and registers everywhere anew; not at once, so that by then every other node
 * knows that it lives. A node that has not learned anything for a while tells scripts of nobody's death.
 *
 * <p>Stages fail only with {@link PortException}.
 */
final class NodeRegistry implements OtherNodes {

    private static final Logger log = LoggerFactory.getLogger(NodeRegistry.class);

    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration LIFE = Duration.ofSeconds(10);

    /** How long a node that was taken for dead waits until it registers anew. */
    static final Duration PAUSE = Duration.ofSeconds(4);

    private static final long CURRENT_NANOS = Duration.ofSeconds(3).toNanos();
    private static final long TOLD_NANOS = Duration.ofMinutes(10).toNanos();
    private static final int MAX_TOLD = 16;
    private static final int MAX_REMEMBERED = 1_024;

    private final RedisScripts scripts;
    private final String node;
    private final Runnable onTakenForDead;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "redis-nodes");
        t.setDaemon(true);
        return t;
    });

    private final Object lock = new Object();
    private Set<String> live = Set.of();
    private final Map<String, Long> dead = new LinkedHashMap<>(); // and since when; the latest last
    private long beats; // that were sent
    private long learnedBy; // the newest of those that were answered
    private long learnedAt;

    /** @param onTakenForDead told when others may have removed the registrations of this node */
    NodeRegistry(RedisScripts scripts, String node, Runnable onTakenForDead) {
        this.scripts = scripts;
        this.node = node;
        this.onTakenForDead = onTakenForDead;
    }

    /** Begins; completes once this node is known to live. */
    CompletionStage<Void> start() {
        return beat().thenRun(() -> {
            try {
                var unused = thread.scheduleWithFixedDelay(
                        this::guardedBeat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                log.trace("stopped", e);
            }
        });
    }

    private void guardedBeat() {
        beat().whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("it could not be noted that this node lives: {}", failure.getMessage());
            }
        });
    }

    private CompletionStage<Void> beat() {
        long number;
        synchronized (lock) {
            number = ++beats;
        }
        return scripts.call(LuaScript.BEAT, List.of(RedisKeys.NODES), List.of(utf8(node), utf8(LIFE.toMillis())))
                .thenAccept(reply -> learn(number, reply));
    }

    private void learn(long number, List<Object> reply) {
        Set<String> now = new HashSet<>();
        reply.subList(1, reply.size()).forEach(name -> now.add(new String((byte[]) name, UTF_8)));
        boolean takenForDead;
        synchronized (lock) {
            if (number < learnedBy) {
                return;
            }
            takenForDead = learnedBy > 0 && (Long) reply.get(0) == 0;
            learnedBy = number;
            learnedAt = System.nanoTime();
            dead.keySet().removeAll(now);
            live.stream().filter(name -> !now.contains(name)).forEach(this::bury);
            live = now;
        }
        if (takenForDead) {
            log.warn("other nodes may have taken this one for dead; it registers anew");
            onTakenForDead.run();
        }
    }

    private void bury(String name) {
        dead.remove(name);
        dead.put(name, System.nanoTime());
        if (dead.size() > MAX_REMEMBERED) {
            dead.remove(dead.keySet().iterator().next());
        }
    }

    @Override
    public byte[] channels(Collection<String> alsoDead) {
        StringBuilder text = new StringBuilder(RedisKeys.NODE_CHANNELS).append(',');
        long now = System.nanoTime();
        synchronized (lock) {
            if (now - learnedAt < CURRENT_NANOS) {
                List<String> names = new ArrayList<>(alsoDead);
                dead.forEach((name, since) -> {
                    if (now - since < TOLD_NANOS && !alsoDead.contains(name)) {
                        names.add(name);
                    }
                });
                names.subList(Math.max(0, names.size() - MAX_TOLD - alsoDead.size()), names.size())
                        .forEach(name -> text.append(name).append(','));
            }
        }
        return utf8(text.toString());
    }

    @Override
    public CompletionStage<List<String>> deadAmong(Collection<String> nodes) {
        boolean allKnown;
        synchronized (lock) {
            allKnown = nodes.stream().allMatch(this::isKnown);
        }
        // a node notes that it lives before it registers: so whoever is not there by now is dead
        return allKnown
                ? CompletableFuture.completedFuture(those(nodes))
                : beat().thenApply(learned -> {
                    synchronized (lock) {
                        nodes.stream().filter(name -> !isKnown(name)).forEach(this::bury);
                    }
                    return those(nodes);
                });
    }

    private boolean isKnown(String name) {
        return name.equals(node) || live.contains(name) || dead.containsKey(name);
    }

    private List<String> those(Collection<String> nodes) {
        synchronized (lock) {
            return nodes.stream().filter(dead::containsKey).toList();
        }
    }

    void stop() {
        thread.shutdownNow();
    }
}

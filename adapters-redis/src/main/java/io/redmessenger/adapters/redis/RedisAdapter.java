package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.StoreDiagnosis;
import io.redmessenger.application.port.out.Telemetry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis: the ports out that it provides, and what listens to publications in it.
 *
 * <p>The ports can be handed out before {@link #start}; until then their calls fail with {@code STORE_UNAVAILABLE}.
 * Their stages complete on threads of this adapter, or at once on the caller's. {@link #start}, {@link #startIngress},
 * {@link #stopIngress} and {@link #stop} are to be called in this order, each once and after the one before has completed.
 * Nothing here blocks.
 */
public final class RedisAdapter {

    private static final Logger log = LoggerFactory.getLogger(RedisAdapter.class);
    private static final int START_TIMEOUTS = 3; // to connect, to subscribe, to hear the first probe
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final RedisSettings settings;
    private final Telemetry telemetry;
    private final Clock clock;
    private final String node;
    private final RedisConnections connections;
    private final RequestPipeline pipeline;
    private final RedisInbox inbox;
    private final RedisGroupMembership groups;
    private final RedisCredentialStore credentials;
    private final RedisKeys keys;
    private final RedisScripts scripts;
    private final RedisLeases leases;
    private final RedisNodeSignals signals;
    private final RedisSubscription signalling;
    private final RedisWatch watch;

    private final @Nullable NodeRegistry registry; // in a cluster

    private @Nullable HeardPublications publications;
    private @Nullable RedisSubscription ingress;
    private @Nullable StreamPublications stream;

    /**
     * @param nodeId names the node, 1 to 64 of {@code A-Z a-z 0-9 . _ -}; a random part is added, so that a node that
     *     starts again is another to Redis
     */
    public RedisAdapter(RedisSettings settings, String nodeId, Telemetry telemetry, Clock clock) {
        if (!NODE_ID.matcher(nodeId).matches()) {
            throw new IllegalArgumentException("node id must be 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        this.settings = settings;
        this.telemetry = telemetry;
        this.clock = clock;
        this.node = nodeId + "-" + Base32.text(new SecureRandom().nextLong(), 6);
        keys = settings.cluster() ? RedisKeys.clustered() : RedisKeys.plain();
        connections = new RedisConnections(settings);
        scripts = new RedisScripts(connections);
        pipeline = settings.cluster()
                ? new ClusterPipeline(connections, keys, connections::suspect)
                : new InboxPipeline(
                        connections, new ReplicaConfirmation(settings.waitReplicas(), settings.commandTimeout()));
        registry = settings.cluster() ? new NodeRegistry(scripts, node, this::takenForDead) : null;
        inbox = new RedisInbox(
                pipeline,
                keys,
                node,
                registry == null ? OtherNodes.KNOWN_TO_REDIS : registry,
                this::fields,
                new InboxEntries(telemetry, clock),
                clock);
        groups = new RedisGroupMembership(connections, keys);
        credentials = new RedisCredentialStore(connections, keys);
        leases = new RedisLeases(scripts, keys, node);
        signals = new RedisNodeSignals(clock, this::isAvailable);
        watch = new RedisWatch(connections, keys.probe(node), telemetry, signals);
        signalling = new RedisSubscription(
                "the connection for signals of other nodes",
                connections,
                RedisKeys.nodeChannel(node),
                Optional.empty(),
                keys.probe(node),
                signals);
    }

    /** A diagnosis of a Redis. It opens connections of its own each time, and closes them afterwards. */
    public static StoreDiagnosis diagnosis(RedisSettings settings, Clock clock) {
        return new RedisDiagnosis(settings, clock);
    }

    private boolean isAvailable() {
        return watch.isAvailable();
    }

    private void takenForDead() {
        watch.interrupt(NodeRegistry.PAUSE);
    }

    private CompletionStage<List<byte[]>> fields(byte[] hash) {
        try {
            return RedisFailures.translated(connections.get().hkeys(hash));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(RedisFailures.translate(e));
        }
    }

    public Inbox inbox() {
        return inbox;
    }

    public GroupMembership groups() {
        return groups;
    }

    public CredentialStore credentials() {
        return credentials;
    }

    public Leases leases() {
        return leases;
    }

    public NodeSignals signals() {
        return signals;
    }

    /** How this node is called in Redis: its id, and a part that is new at every start. */
    public String node() {
        return node;
    }

    /**
     * {@code redis://HOST:PORT} of the server that this node listens at: the Redis itself, the master that sentinels name,
     * or in a cluster one of the masters. Only after {@link #start} has completed.
     */
    public String address() {
        return connections.address();
    }

    /**
     * Connects.
     *
     * @return completes once Redis has answered; fails with {@link PortException}, {@code STORE_UNAVAILABLE},
     *     {@code STORE_FORBIDDEN} or {@code STORE_REFUSED}, and is to be followed by {@link #stop} then
     */
    public CompletionStage<Void> start() {
        return answered(connections
                .open()
                .thenCompose(connected -> registry == null ? CompletableFuture.completedFuture(null) : registry.start())
                .thenCompose(known -> signalling.open())
                .thenCompose(subscribed -> {
                    watch.watch(signalling, true);
                    return watch.start();
                })
                .thenRun(() -> log.info("connected to {} as {}", address(), node)));
    }

    /**
     * Begins to hear what is published to {@code rm.*} and to read what is in the stream {@code rm:publish}, and hands both
     * to {@code publisher}, in order, unless another node does so.
     *
     * @param ids makes the ids of what is heard
     * @return completes once Redis has answered; fails as {@link #start} does
     */
    public CompletionStage<Void> startIngress(Publisher publisher, MessageIds ids) {
        PublicationParser parser = new PublicationParser(settings.maxPayloadBytes(), telemetry, clock);
        HeardProgress progress = new RedisHeardProgress(scripts, connections, keys);
        HeardPublications heard = new HeardPublications(publisher, parser, ids, progress, leases, telemetry, clock);
        RedisSubscription subscription = new RedisSubscription(
                "the subscription to " + RedisKeys.PUBLICATIONS,
                connections,
                RedisKeys.MARKERS,
                Optional.of(RedisKeys.PUBLICATIONS.getBytes(US_ASCII)),
                keys.probe(node),
                heard);
        publications = heard;
        ingress = subscription;
        heard.start();
        return answered(subscription
                .open()
                .thenCompose(open -> {
                    watch.watch(subscription, false);
                    return heard.ready();
                })
                .thenRun(() -> startStream(publisher)));
    }

    private void startStream(Publisher publisher) {
        StreamEntryParser parser = new StreamEntryParser(settings.maxPayloadBytes());
        PublicationStream entries =
                new PublicationStream(scripts, connections, keys, parser.longestValue(), settings.commandTimeout());
        StreamPublications started = new StreamPublications(publisher, entries, parser, leases, telemetry, clock);
        stream = started;
        started.start();
    }

    /**
     * Publishes to a Pub/Sub channel, as a backend does.
     *
     * @return how many nodes heard it; fails with {@link PortException}
     */
    public CompletionStage<Long> publish(String channel, String payload) {
        return RedisFailures.translated(
                connections.publish(ScriptArguments.utf8(channel), ScriptArguments.utf8(payload)));
    }

    /**
     * Stops to hear publications and to read the stream.
     *
     * @return completes once all that was heard or begun is stored; never when Redis does not come back
     */
    public CompletionStage<Void> stopIngress() {
        RedisSubscription subscription = ingress;
        HeardPublications heard = publications;
        if (subscription == null || heard == null) {
            return CompletableFuture.completedFuture(null);
        }
        watch.unwatch(subscription);
        subscription.close();
        StreamPublications reading = stream;
        return reading == null
                ? heard.drained()
                : CompletableFuture.allOf(
                        heard.drained().toCompletableFuture(), reading.drained().toCompletableFuture());
    }

    /**
     * Closes every connection. What is on its way fails.
     *
     * @return completes within a few seconds, whatever Redis does
     */
    public CompletionStage<Void> stop() {
        watch.stop();
        RedisSubscription subscription = ingress;
        if (subscription != null) {
            subscription.close();
        }
        HeardPublications heard = publications;
        if (heard != null) {
            heard.stop();
        }
        StreamPublications reading = stream;
        if (reading != null) {
            reading.stop();
        }
        pipeline.stop();
        if (registry != null) {
            registry.stop();
        }
        signalling.close();
        return connections.close();
    }

    private CompletionStage<Void> answered(CompletionStage<Void> stage) {
        Duration limit = settings.commandTimeout().multipliedBy(START_TIMEOUTS);
        return RedisFailures.translated(stage.toCompletableFuture().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS));
    }
}

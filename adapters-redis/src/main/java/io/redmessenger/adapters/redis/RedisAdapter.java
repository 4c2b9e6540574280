package io.redmessenger.adapters.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis, behind the ports out, and the ear on {@code rm.*}. Create it, which connects; then {@link #hearPublications}; in the
 * end {@link #stopHearing} and {@link #close}. Stages of its ports complete on Lettuce's threads.
 */
public final class RedisAdapter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisAdapter.class);

    private static final Duration RECONNECT_DELAY = Duration.ofMillis(200);
    private static final int MOST_COMMANDS_WAITING = 500_000;
    private static final String SIGNALS = "signals";
    private static final String PUBLICATIONS = "publications";

    private final RedisSettings settings;
    private final RedisURI uri;
    private final Telemetry telemetry;
    private final Clock clock;
    private final String node;
    private final MessageIds ids;
    private final RateLimitedLog warnings;
    private final ClientResources resources;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final RedisMonitor monitor;
    private final RedisNodeSignals signals;
    private final Inbox inbox;
    private final GroupMembership groups;
    private final CredentialStore credentials;
    private final Subscription<String> signalSubscription;
    private @Nullable Subscription<byte[]> publicationSubscription;
    private @Nullable HeardPublications heardPublications;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "rm-redis-monitor");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Connects.
     *
     * @param nodeId the node's name; something random is added, so that a process is never taken for its predecessor
     * @throws PortException when Redis cannot be reached or refuses us
     */
    public RedisAdapter(RedisSettings settings, String nodeId, Telemetry telemetry, Clock clock) {
        SecureRandom random = new SecureRandom();
        this.settings = settings;
        this.telemetry = telemetry;
        this.clock = clock;
        this.node = nodeId + "-" + Long.toString(random.nextLong() >>> 24, 36);
        this.ids = new MessageIds(random.nextLong());
        this.warnings = new RateLimitedLog(log, clock);
        this.uri = RedisURI.create(settings.uri());
        uri.setTimeout(settings.timeout());
        uri.setClientName("redmessenger");
        resources = ClientResources.builder()
                .reconnectDelay(Delay.constant(RECONNECT_DELAY))
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .build();
        client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .protocolVersion(ProtocolVersion.RESP2)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MOST_COMMANDS_WAITING)
                .timeoutOptions(TimeoutOptions.enabled(settings.timeout()))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.timeout())
                        .build())
                .build());
        try {
            connection = client.connect(StringCodec.UTF8, uri);
        } catch (RuntimeException e) {
            client.shutdown(0, 1, TimeUnit.SECONDS);
            resources.shutdown(0, 1, TimeUnit.SECONDS);
            throw RedisFailures.translate(e);
        }
        RedisAsyncCommands<String, String> redis = connection.async();
        inbox = new RedisInbox(redis, node, telemetry, clock);
        groups = new RedisGroupMembership(redis, warnings);
        credentials = new RedisCredentialStore(redis);
        signals = new RedisNodeSignals(this::isAvailable);
        monitor = new RedisMonitor(redis, node, telemetry, signals);
        client.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                if (!timer.isShutdown()) {
                    timer.execute(monitor::disconnected);
                }
            }
        });
        String probe = RedisKeys.probe(node);
        signalSubscription = new Subscription<>(
                client,
                uri,
                StringCodec.UTF8,
                (channel, message) -> {
                    if (channel.equals(probe)) {
                        monitor.heard(SIGNALS, message);
                    } else {
                        signals.heard(message);
                    }
                },
                fresh -> fresh.async().subscribe(RedisKeys.signals(node), probe));
        monitor.watch(SIGNALS, signalSubscription, false);
        monitor.start(timer);
    }

    private boolean isAvailable() {
        return monitor.isAvailable();
    }

    /** Begins to hear what backends PUBLISH, and hands it to {@code publisher}, in order. */
    public void hearPublications(Publisher publisher) {
        HeardPublications heard = new HeardPublications(
                publisher, telemetry, warnings, Runtime.getRuntime().maxMemory() / 4);
        heardPublications = heard;
        PublicationParser parser = new PublicationParser(settings.maxPayloadBytes(), ids, clock, telemetry, warnings);
        byte[] probe = RedisKeys.probe(node).getBytes(StandardCharsets.UTF_8);
        Subscription<byte[]> subscription = new Subscription<>(
                client,
                uri,
                ByteArrayCodec.INSTANCE,
                (channel, message) -> {
                    if (Arrays.equals(channel, probe)) {
                        monitor.heard(PUBLICATIONS, new String(message, StandardCharsets.UTF_8));
                    } else {
                        parser.parse(channel, message).ifPresent(heard::add);
                    }
                },
                fresh -> {
                    fresh.async().psubscribe(RedisKeys.PUBLICATIONS.getBytes(StandardCharsets.UTF_8));
                    fresh.async().subscribe(probe);
                });
        publicationSubscription = subscription;
        monitor.watch(PUBLICATIONS, subscription, true);
    }

    /**
     * Hears no more publications.
     *
     * @return completes once what was heard is stored
     */
    public CompletionStage<Void> stopHearing() {
        if (publicationSubscription == null || heardPublications == null) {
            return CompletableFuture.completedStage(null);
        }
        monitor.forget(PUBLICATIONS);
        publicationSubscription.close();
        return heardPublications.settled();
    }

    /**
     * Publishes to a Pub/Sub channel, as a backend would.
     *
     * @return how many nodes heard it
     */
    public CompletionStage<Long> publish(String channel, String payload) {
        return RedisFailures.translated(() -> connection.async().publish(channel, payload));
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

    public NodeSignals signals() {
        return signals;
    }

    /** Ends all connections; a few seconds at most. */
    @Override
    public void close() {
        timer.shutdownNow();
        signalSubscription.close();
        if (publicationSubscription != null) {
            publicationSubscription.close();
        }
        connection.closeAsync();
        client.shutdown(0, 2, TimeUnit.SECONDS);
        resources.shutdown(0, 2, TimeUnit.SECONDS);
    }
}

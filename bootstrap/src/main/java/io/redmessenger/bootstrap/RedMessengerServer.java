package io.redmessenger.bootstrap;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import io.redmessenger.adapters.redis.RedisAdapter;
import io.redmessenger.adapters.websocket.WebSocketAdapter;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.service.Lanes;
import io.redmessenger.application.service.OpenSessionService;
import io.redmessenger.bootstrap.cli.CommandFailure;
import io.redmessenger.bootstrap.cli.ExitCode;
import io.redmessenger.bootstrap.cli.RunningServer;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.RedisTarget;
import io.redmessenger.bootstrap.embedded.EmbeddedRedis;
import io.redmessenger.bootstrap.wiring.ApplicationModule;
import io.redmessenger.bootstrap.wiring.NetworkModule;
import io.redmessenger.bootstrap.wiring.RedisModule;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole server: {@link #start} reads as the order in which it starts, and it stops in reverse. */
final class RedMessengerServer implements RunningServer {

    private static final Logger log = LoggerFactory.getLogger(RedMessengerServer.class);

    private static final Duration READY_LIMIT = Duration.ofSeconds(10);
    private static final Duration ATTACHMENT_AGE = Duration.ofMinutes(20);
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final long LOOK_MILLIS = 10;

    /** One step back. */
    private interface Stop {
        void run() throws Exception;
    }

    private record Step(String name, Stop stop) {}

    private final Deque<Step> stops = new ArrayDeque<>();
    private final CompletableFuture<Void> stopRequested = new CompletableFuture<>();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private RedMessengerServer() {}

    /** Starts everything, and says on standard output that it accepts connections. */
    static RedMessengerServer start(Configuration configured) {
        RedMessengerServer server = new RedMessengerServer();
        try {
            server.startAll(configured);
        } catch (RuntimeException | InterruptedException failure) {
            server.stopAll();
            throw readable(failure);
        }
        Thread stopper = new Thread(server::stopWhenRequested, "rm-stop");
        stopper.start();
        return server;
    }

    private void startAll(Configuration configured) throws InterruptedException {
        Configuration configuration = configured;
        if (configured.redis() instanceof RedisTarget.Embedded) {
            EmbeddedRedis redis = EmbeddedRedis.start(configured.dataDir());
            stops.push(new Step("embedded Redis", redis::close));
            configuration = configured.withRedis(new RedisTarget.External(redis.uri()));
        }
        Injector injector = Guice.createInjector(
                Stage.DEVELOPMENT, // creates on demand: the order is ours
                new ApplicationModule(AdapterSettings.sessions(configuration)),
                new RedisModule(AdapterSettings.redis(configuration), configuration.nodeId()),
                new NetworkModule(AdapterSettings.server(configuration)));

        Lanes lanes = injector.getInstance(Lanes.class);
        stops.push(new Step("lanes", lanes::close));

        RedisAdapter redis = injector.getInstance(RedisAdapter.class);
        stops.push(new Step("Redis connections", () -> Stages.await(redis.stop(), GRACE)));
        Stages.await(redis.start(), READY_LIMIT);

        OpenSessionService sessions = injector.getInstance(OpenSessionService.class);
        NodeSignals signals = injector.getInstance(NodeSignals.class);
        signals.listen(sessions);

        Stages.await(
                redis.startIngress(injector.getInstance(Publisher.class), injector.getInstance(MessageIds.class)),
                READY_LIMIT);
        stops.push(new Step("subscription", () -> Stages.await(redis.stopIngress(), GRACE)));
        awaitReady(signals);

        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        timer.scheduleWithFixedDelay(() -> sessions.renewAttachments(ATTACHMENT_AGE), 1, 1, TimeUnit.MINUTES);
        stops.push(new Step("timer", timer::shutdownNow));

        WebSocketAdapter network = injector.getInstance(WebSocketAdapter.class);
        InetSocketAddress address = listen(network, configuration);
        Duration spread = configuration.drainTime();
        stops.push(new Step("I/O threads", network::stop));
        stops.push(new Step("connections", () -> awaitAtMost(GRACE, () -> network.connections() == 0)));
        stops.push(new Step("sessions", () -> Stages.await(sessions.drain(spread), spread.plus(GRACE))));
        stops.push(new Step("acceptor", network::drain));
        announce(configuration, address, redis.address());
    }

    private static InetSocketAddress listen(WebSocketAdapter network, Configuration configuration) {
        try {
            return network.start();
        } catch (IllegalStateException e) {
            throw new CommandFailure(
                    ExitCode.UNAVAILABLE,
                    "cannot listen on " + configuration.wsHost() + ":" + configuration.wsPort() + ": " + e.getMessage()
                            + "; choose another by --ws-host or --ws-port",
                    e);
        }
    }

    private static void awaitReady(NodeSignals signals) throws InterruptedException {
        if (!awaitAtMost(READY_LIMIT, signals::isStoreAvailable)) {
            throw new PortException(
                    ErrorCode.STORE_UNAVAILABLE,
                    "the subscription to Redis was not confirmed within " + READY_LIMIT.toSeconds() + " s");
        }
    }

    /** Returns whether {@code condition} came true within {@code limit}. */
    private static boolean awaitAtMost(Duration limit, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return true;
    }

    @SuppressWarnings("SystemOut") // the one line that scripts wait for
    private static void announce(Configuration configuration, InetSocketAddress address, String redis) {
        String at = configuration.wsHost() + ":" + address.getPort();
        System.out.println("RedMessenger listening on http://" + at + " (WebSocket ws://" + at + configuration.rmRoute()
                + "), using " + redis);
        System.out.flush();
    }

    @Override
    public void stop() {
        stopRequested.complete(null);
    }

    @Override
    public int awaitStop() throws InterruptedException {
        stopped.await();
        return ExitCode.OK;
    }

    private void stopWhenRequested() {
        stopRequested.join();
        log.info("stopping: no new connections, live ones are closed one after another");
        stopAll();
        log.info("stopped");
        stopped.countDown();
    }

    private void stopAll() {
        while (!stops.isEmpty()) {
            Step step = stops.pop();
            try {
                step.stop().run();
            } catch (Exception e) {
                log.warn("{} did not stop cleanly: {}", step.name(), e.toString());
            }
        }
    }

    /** Guice wraps what our constructors throw. */
    private static RuntimeException readable(Exception failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new CommandFailure(ExitCode.DEFECT, "interrupted while starting", failure);
        }
        if ((failure instanceof ProvisionException || failure instanceof CreationException)
                && failure.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        return (RuntimeException) failure;
    }
}

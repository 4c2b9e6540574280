package io.redmessenger.adapters.websocket;

import io.redmessenger.adapters.websocket.api.HealthHandler;
import io.redmessenger.adapters.websocket.api.HttpApi;
import io.redmessenger.adapters.websocket.api.MetricsHandler;
import io.redmessenger.adapters.websocket.api.PrometheusTelemetry;
import io.redmessenger.adapters.websocket.frame.UpgradableConnection;
import io.redmessenger.adapters.websocket.frame.WebSocketSettings;
import io.redmessenger.adapters.websocket.page.NewcomersPage;
import io.redmessenger.adapters.websocket.plain.PlainEndpoint;
import io.redmessenger.adapters.websocket.plain.PlainSettings;
import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.adapters.websocket.server.Cors;
import io.redmessenger.adapters.websocket.server.Origins;
import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.adapters.websocket.socketio.SocketIoEndpoint;
import io.redmessenger.adapters.websocket.socketio.SocketIoSettings;
import io.redmessenger.adapters.websocket.sse.SseEndpoint;
import io.redmessenger.adapters.websocket.sse.SseSettings;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.in.Sessions;
import io.undertow.UndertowOptions;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/** The HTTP and WebSocket server: one listener for every protocol. {@link #start}, then {@link #drain}, then {@link #stop}. */
public final class WebSocketAdapter {

    private static final int MOST_HEADER_BYTES = 16 * 1024;
    private static final int MOST_HEADERS = 100;
    private static final int REQUEST_MILLIS = 10_000;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int BUFFERS_PER_THREAD = 4;
    private static final long STOP_SECONDS = 5;

    private final XnioWorker worker;
    private final InetSocketAddress address;
    private final HttpOpenListener http;
    private volatile @Nullable AcceptingChannel<? extends StreamConnection> listening;
    private final Admission admission;

    /**
     * Prepares the server; nothing listens yet.
     *
     * @param ids makes the ids of what the HTTP API publishes
     * @param ready whether the node can serve: its store is available
     */
    public WebSocketAdapter(
            ServerSettings settings,
            Sessions sessions,
            Publisher publisher,
            Administration administration,
            MessageIds ids,
            PrometheusTelemetry telemetry,
            BooleanSupplier ready) {
        admission = new Admission(settings.maxConnections());
        telemetry.gauge("redmessenger.connections", admission::live);
        Origins origins = new Origins(settings.allowedOrigins());
        WebSocketSettings webSocket = WebSocketSettings.defaults()
                .withMaxMessageBytes(settings.maxMessageBytes())
                .withOriginAllowed(origins);
        PlainSettings plain =
                new PlainSettings(settings.identifyTimeout(), settings.pingInterval(), settings.pingTimeout());
        SseSettings sse = new SseSettings(settings.pingInterval(), settings.pingTimeout());
        HttpHandler events = new SseEndpoint(sessions, admission, telemetry, sse);
        SocketIoSettings socketIo = new SocketIoSettings(
                settings.route(),
                settings.identifyTimeout(),
                settings.pingInterval(),
                settings.pingTimeout(),
                settings.maxMessageBytes());
        HttpHandler engine = new SocketIoEndpoint(sessions, admission, telemetry, socketIo, webSocket);
        HttpHandler api =
                new HttpApi(publisher, administration, ids, Clock.systemUTC(), telemetry, settings.maxMessageBytes());
        HttpHandler health = new HealthHandler(ready);
        PathHandler routes = new PathHandler(
                exchange -> Problem.send(exchange, StatusCodes.NOT_FOUND, "there is nothing at this path"));
        NewcomersPage.addTo(routes, settings.route());
        routes.addExactPath("/health/live", health)
                .addExactPath("/health/ready", health)
                .addExactPath("/metrics", new MetricsHandler(telemetry))
                .addPrefixPath("/api/v1", api)
                .addExactPath("/socket.io", new Cors(origins, "GET, POST", "Content-Type", engine))
                .addExactPath(settings.route(), new PlainEndpoint(sessions, admission, telemetry, plain, webSocket))
                .addExactPath(
                        settings.route() + "/events",
                        new Cors(origins, "GET", "Authorization, Last-Event-ID, Cache-Control", events));
        address = new InetSocketAddress(settings.host(), settings.port());
        worker = createWorker();
        http = new HttpOpenListener(
                new DefaultByteBufferPool(true, BUFFER_BYTES, -1, BUFFERS_PER_THREAD),
                OptionMap.builder()
                        .set(UndertowOptions.BUFFER_PIPELINED_DATA, true)
                        .set(UndertowOptions.MAX_HEADER_SIZE, MOST_HEADER_BYTES)
                        .set(UndertowOptions.MAX_HEADERS, MOST_HEADERS)
                        .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, REQUEST_MILLIS)
                        .set(UndertowOptions.NO_REQUEST_TIMEOUT, REQUEST_MILLIS)
                        .set(UndertowOptions.MAX_ENTITY_SIZE, (long) settings.maxMessageBytes())
                        .set(UndertowOptions.ALWAYS_SET_DATE, false)
                        .getMap());
        http.setRootHandler(exchange -> {
            exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
            routes.handleRequest(exchange);
        });
    }

    private static XnioWorker createWorker() {
        try {
            return Xnio.getInstance()
                    .createWorker(OptionMap.builder()
                            .set(Options.WORKER_NAME, "rm-http")
                            .set(Options.THREAD_DAEMON, true)
                            .set(Options.WORKER_IO_THREADS, Runtime.getRuntime().availableProcessors())
                            .set(Options.WORKER_TASK_CORE_THREADS, 1)
                            .set(Options.WORKER_TASK_MAX_THREADS, 4)
                            .set(Options.TCP_NODELAY, true)
                            .getMap());
        } catch (IOException e) {
            throw new IllegalStateException("the I/O threads cannot be started: " + e.getMessage(), e);
        }
    }

    /**
     * Begins to listen.
     *
     * @return the address, with the port that was picked if it was to be
     * @throws IllegalStateException when the address cannot be listened on; the message says why
     */
    public InetSocketAddress start() {
        try {
            if (address.isUnresolved()) {
                throw new UnknownHostException(address.getHostString());
            }
            AcceptingChannel<? extends StreamConnection> opened = worker.createStreamConnectionServer(
                    address,
                    ChannelListeners.openListenerAdapter(UpgradableConnection.handedTo(http)),
                    OptionMap.builder()
                            .set(Options.TCP_NODELAY, true)
                            .set(Options.REUSE_ADDRESSES, true)
                            .set(Options.BACKLOG, 10_000)
                            .set(Options.BALANCING_TOKENS, 1) // each thread takes its turn at accepting
                            .set(Options.BALANCING_CONNECTIONS, 2)
                            .getMap());
            listening = opened;
            opened.resumeAccepts();
            return opened.getLocalAddress(InetSocketAddress.class);
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Takes no new connections; the live ones go on. */
    public void drain() {
        admission.close();
        IoUtils.safeClose(listening);
    }

    /** How many connections there are, of all protocols. */
    public int connections() {
        return admission.live();
    }

    /** Drops whatever is left, and ends the I/O threads. Blocks for a moment. */
    public void stop() throws InterruptedException {
        worker.shutdownNow();
        if (!worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("I/O threads did not end within " + STOP_SECONDS + " s");
        }
    }
}

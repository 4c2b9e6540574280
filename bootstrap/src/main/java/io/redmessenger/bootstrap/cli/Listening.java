package io.redmessenger.bootstrap.cli;

import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of {@code listen}: connections to the server, one after the other, until it is enough. */
final class Listening {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final long QUIET_SECONDS = 20;

    private final URI server;
    private final Identification identification;
    private final Terminal terminal;
    private final CompletableFuture<Void> stop;
    private final Received received;
    private final BackOff backOff = new BackOff(new Random());
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();

    Listening(URI server, Identification identification, boolean json, long wanted, Context context) {
        this.server = server;
        this.identification = identification;
        this.terminal = context.terminal();
        this.stop = context.stop().requested();
        this.received = new Received(terminal, json, wanted);
    }

    /** @return the exit code */
    int run() throws InterruptedException {
        boolean connectedBefore = false;
        while (!stop.isDone()) {
            ListeningSession session = new ListeningSession(identification, received, terminal);
            ListeningSession.End end;
            try {
                WebSocket socket = client.newWebSocketBuilder()
                        .connectTimeout(CONNECT)
                        .buildAsync(server, session)
                        .get();
                connectedBefore = true;
                end = await(socket, session);
            } catch (ExecutionException e) {
                end = ListeningSession.End.lost(reason(e));
                if (!connectedBefore) {
                    throw new CommandFailure(ExitCode.UNAVAILABLE, "no server at " + server + ": " + end.reason(), e);
                }
            }
            if (end.exitCode().isPresent()) {
                return end.exitCode().getAsInt();
            }
            if (session.wasReady()) {
                backOff.reset();
            }
            pause(end);
        }
        return ExitCode.OK;
    }

    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof WebSocketHandshakeException handshake && handshake.getResponse() != null) {
            return "it answered with HTTP status " + handshake.getResponse().statusCode();
        }
        if (cause instanceof ConnectException) {
            return "connection refused, or the host is unknown";
        }
        return String.valueOf(cause == null ? e : cause.getMessage());
    }

    /** Waits for the end of a connection, and tests one that has been quiet for long. */
    private ListeningSession.End await(WebSocket socket, ListeningSession session) throws InterruptedException {
        CompletableFuture<Object> over = CompletableFuture.anyOf(stop, session.ended());
        boolean tested = false;
        while (!done(over, QUIET_SECONDS)) {
            if (session.hasHeardSomething()) {
                tested = false;
            } else if (tested) {
                socket.abort();
                return ListeningSession.End.lost("the server does not answer any more");
            } else {
                session.ping(socket);
                tested = true;
            }
        }
        if (session.ended().isDone()) {
            return session.ended().join();
        }
        session.close(socket);
        return session.ended().join();
    }

    private static boolean done(CompletableFuture<?> stage, long seconds) throws InterruptedException {
        try {
            stage.get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }

    private void pause(ListeningSession.End end) throws InterruptedException {
        Duration pause = backOff.next(end.retryAfter());
        terminal.note(String.format(
                Locale.ROOT, "connection lost (%s), again in %.1f s", end.reason(), pause.toMillis() / 1000.0));
        try {
            stop.get(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // time to connect again
            return;
        }
    }

    /** Prints messages, each once. */
    static final class Received {

        private static final int REMEMBERED = 4096;

        private final PrintStream out;
        private final boolean json;
        private long wanted;
        private final Set<String> ids = new LinkedHashSet<>();

        Received(Terminal terminal, boolean json, long wanted) {
            this.out = terminal.out();
            this.json = json;
            this.wanted = wanted;
        }

        /** Returns false when standard output is closed: the message then counts as not seen. */
        synchronized boolean print(String id, String payload, String object) {
            if (wanted > 0 && ids.add(id)) {
                out.println(json ? object : Printable.oneLine(payload));
                out.flush();
                if (out.checkError()) {
                    return false;
                }
                wanted--;
                if (ids.size() > REMEMBERED) {
                    ids.remove(ids.iterator().next());
                }
            }
            return true;
        }

        synchronized boolean isEnough() {
            return wanted <= 0;
        }
    }
}

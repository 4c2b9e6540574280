package io.redmessenger.bootstrap.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One connection of {@code listen}. A message is printed, then acknowledged, and only then the next one is asked for: what
 * could not be printed stays in the inbox.
 */
final class ListeningSession implements WebSocket.Listener {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern RETRY_AFTER = Pattern.compile("retry-after=([0-9]{1,4})");

    private static final long GOODBYE_SECONDS = 5;
    private static final int BAD_REQUEST = 4400;
    private static final int UNAUTHORIZED = 4401;
    private static final int REPLACED = 4409;
    private static final int DISCONNECTED = 4440;

    private final Identification identification;
    private final Listening.Received received;
    private final Terminal terminal;
    private final StringBuilder frame = new StringBuilder();
    private final CompletableFuture<End> ended = new CompletableFuture<>();
    private volatile boolean ready;
    private volatile boolean heard;
    private volatile boolean closing;
    private volatile @Nullable String error;

    ListeningSession(Identification identification, Listening.Received received, Terminal terminal) {
        this.identification = identification;
        this.received = received;
        this.terminal = terminal;
    }

    /**
     * How a connection came to its end.
     *
     * @param exitCode that of the command, when it is not to connect again
     */
    record End(OptionalInt exitCode, String reason, Duration retryAfter) {

        static End with(int exitCode) {
            return new End(OptionalInt.of(exitCode), "", Duration.ZERO);
        }

        static End lost(String reason) {
            return new End(OptionalInt.empty(), reason, Duration.ZERO);
        }
    }

    CompletableFuture<End> ended() {
        return ended;
    }

    boolean wasReady() {
        return ready;
    }

    /** Whether there was a sign of life since the last question. */
    boolean hasHeardSomething() {
        boolean was = heard;
        heard = false;
        return was;
    }

    @Override
    public void onOpen(WebSocket socket) {
        send(socket.sendText(identification.frame(), true), () -> socket.request(1));
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        heard = true;
        frame.append(data);
        if (!last) {
            socket.request(1);
            return null;
        }
        String text = frame.toString();
        frame.setLength(0);
        take(socket, text);
        return null;
    }

    private void take(WebSocket socket, String text) {
        JsonNode object;
        try {
            object = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            terminal.note("not JSON, ignored: " + Printable.oneLine(text));
            socket.request(1);
            return;
        }
        if (object.hasNonNull("payload") && object.hasNonNull("id")) {
            takeMessage(socket, object);
        } else {
            takeNotice(object);
            socket.request(1);
        }
    }

    private void takeMessage(WebSocket socket, JsonNode message) {
        String id = message.path("id").asText();
        if (!received.print(id, message.path("payload").asText(), message.toString())) {
            terminal.note("redmessenger: standard output is closed; the message stays in the inbox");
            socket.abort();
            ended.complete(End.with(ExitCode.DEFECT));
            return;
        }
        String acknowledgement = JsonNodeFactory.instance
                .objectNode()
                .put("type", "ack")
                .put("id", id)
                .toString();
        send(socket.sendText(acknowledgement, true), () -> {
            if (received.isEnough()) {
                close(socket);
            }
            socket.request(1);
        });
    }

    /** Goes on when it is sent; a connection that cannot send is at its end. */
    private void send(CompletableFuture<WebSocket> sending, Runnable then) {
        var unused = sending.whenComplete((sent, failure) -> {
            if (failure == null) {
                then.run();
            } else {
                ended.complete(closing ? End.with(ExitCode.OK) : End.lost(String.valueOf(failure.getMessage())));
            }
        });
    }

    /** Provokes a sign of life. */
    void ping(WebSocket socket) {
        send(socket.sendPing(ByteBuffer.allocate(0)), () -> {});
    }

    /** Takes leave. The end comes with the server's answer, or soon without one. */
    void close(WebSocket socket) {
        closing = true;
        var unused = ended.completeOnTimeout(End.with(ExitCode.OK), GOODBYE_SECONDS, TimeUnit.SECONDS);
        send(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""), () -> {});
    }

    private void takeNotice(JsonNode notice) {
        switch (notice.path("type").asText()) {
            case "ready" -> {
                ready = true;
                terminal.note("connected as " + identification.user() + ", "
                        + notice.path("pending").asLong() + " waiting");
            }
            case "missed" ->
                terminal.note("missed " + notice.path("count").asLong()
                        + ": the inbox was full, and its oldest messages were dropped");
            case "error" -> error = Printable.oneLine(notice.path("message").asText());
            default -> terminal.note("ignored: " + Printable.oneLine(notice.toString()));
        }
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        heard = true;
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        heard = true;
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        ended.complete(end(code, Printable.oneLine(reason)));
        return null;
    }

    private End end(int code, String reason) {
        if (closing) {
            return End.with(ExitCode.OK);
        }
        String said = error == null ? reason : error;
        String why = switch (code) {
            case BAD_REQUEST -> "the server does not accept the identification";
            case UNAUTHORIZED -> "the server does not accept the key";
            case REPLACED -> "replaced by a newer connection of " + identification.user();
            case DISCONNECTED -> "disconnected by an operator";
            default -> "";
        };
        if (!why.isEmpty()) {
            terminal.note("redmessenger: " + why + (said == null || said.isEmpty() ? "" : ": " + said));
            return End.with(ExitCode.REFUSED);
        }
        Matcher later = RETRY_AFTER.matcher(reason);
        Duration pause = later.find() ? Duration.ofSeconds(Long.parseLong(later.group(1))) : Duration.ZERO;
        return new End(
                OptionalInt.empty(), "code " + code + (said == null || said.isEmpty() ? "" : ", " + said), pause);
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
        ended.complete(received.isEnough() ? End.with(ExitCode.OK) : End.lost(String.valueOf(failure.getMessage())));
    }
}

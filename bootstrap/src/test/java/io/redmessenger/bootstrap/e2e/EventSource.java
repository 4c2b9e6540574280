package io.redmessenger.bootstrap.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.application.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A client of server-sent events on the JDK's HTTP client, which remembers what it gets. */
final class EventSource implements AutoCloseable {

    /** An event. */
    record Event(String type, String id, JsonNode data) {
        String payload() {
            return data.path("payload").textValue();
        }
    }

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final int cutAfter;
    private volatile Flow.@Nullable Subscription subscription;

    private EventSource(ServerProcess server, int cutAfter, String query, String... headers) {
        this.cutAfter = cutAfter;
        HTTP.sendAsync(request(server, query, headers), HttpResponse.BodyHandlers.fromLineSubscriber(new Lines()))
                .whenComplete((done, failure) -> ended.complete(null));
        Await.until("the stream is open", () -> find("ready") != null);
    }

    static EventSource open(ServerProcess server, String query, String... headers) {
        return new EventSource(server, Integer.MAX_VALUE, query, headers);
    }

    /** As {@link #open}; looks at so many messages, and then drops the connection in the middle of whatever comes. */
    static EventSource cutAfter(int messages, ServerProcess server, String query, String... headers) {
        return new EventSource(server, messages, query, headers);
    }

    /** The status of an answer that is no stream. */
    static int status(ServerProcess server, String query, String... headers) {
        return Await.value(HTTP.sendAsync(request(server, query, headers), HttpResponse.BodyHandlers.discarding()))
                .statusCode();
    }

    private static HttpRequest request(ServerProcess server, String query, String... headers) {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + "/rm/events?" + query);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).version(HttpClient.Version.HTTP_1_1);
        return headers.length == 0 ? request.build() : request.headers(headers).build();
    }

    private final class Lines implements Flow.Subscriber<String> {

        private String type = "message";
        private String id = "";
        private String data = "";
        private int messages;

        @Override
        public void onSubscribe(Flow.Subscription lines) {
            subscription = lines;
            lines.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            if (line.startsWith("event: ")) {
                type = line.substring(7);
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("data: ")) {
                data += line.substring(6);
            } else if (line.isEmpty()) {
                dispatch();
            }
        }

        private void dispatch() {
            if (!data.isEmpty() && messages < cutAfter) {
                try {
                    events.add(new Event(type, id, JSON.readTree(data)));
                } catch (JsonProcessingException e) {
                    throw new AssertionError("no JSON: " + data, e);
                }
                messages += type.equals("message") ? 1 : 0;
                if (messages == cutAfter) {
                    close();
                }
            }
            type = "message";
            id = "";
            data = "";
        }

        @Override
        public void onError(Throwable failure) {
            ended.complete(null);
        }

        @Override
        public void onComplete() {
            ended.complete(null);
        }
    }

    List<Event> messages() {
        return events.stream().filter(event -> event.type().equals("message")).toList();
    }

    List<String> payloads() {
        return messages().stream().map(Event::payload).toList();
    }

    /** Waits for that many messages, and returns them. */
    List<Event> await(int count) {
        Await.until(
                count + " messages; there are " + messages().size(),
                () -> messages().size() >= count);
        return messages();
    }

    /** Waits for an event of this type. */
    JsonNode notice(String type) {
        Await.until("an event " + type, () -> find(type) != null);
        Event event = find(type);
        if (event == null) {
            throw new AssertionError(type);
        }
        return event.data();
    }

    private @Nullable Event find(String type) {
        return events.stream()
                .filter(event -> event.type().equals(type))
                .findFirst()
                .orElse(null);
    }

    /** Waits for the end. */
    void awaitEnd() {
        Await.value(ended);
    }

    /** Drops the connection. */
    @Override
    public void close() {
        Flow.Subscription lines = subscription;
        if (lines != null) {
            lines.cancel();
        }
        ended.complete(null);
    }
}

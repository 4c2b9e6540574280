package io.redmessenger.bootstrap.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.application.contract.Await;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A client that lives outside the tests' own code: what it tells of itself. */
abstract class RemoteClient implements AutoCloseable {

    private final List<JsonNode> messages = new ArrayList<>();
    private final List<String> events = new ArrayList<>();

    final synchronized void tell(String event) {
        events.add(event);
    }

    final synchronized void tellMessage(JsonNode message) {
        messages.add(message);
    }

    final synchronized List<JsonNode> messages() {
        return List.copyOf(messages);
    }

    final synchronized List<String> events() {
        return List.copyOf(events);
    }

    final void awaitEvent(String event) {
        Await.until(event + ", of " + events(), () -> events().contains(event));
    }

    final List<JsonNode> awaitMessages(int count) {
        Await.until(count + " messages", () -> messages().size() >= count);
        return messages();
    }

    /** The payloads in their order, each id once. */
    final List<String> payloads() {
        Map<String, String> once = new LinkedHashMap<>();
        for (JsonNode message : messages()) {
            once.putIfAbsent(
                    message.path("id").textValue(), message.path("payload").textValue());
        }
        return List.copyOf(once.values());
    }

    @Override
    public abstract void close();
}

package io.redmessenger.adapters.websocket.api;

import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The HTTP API below {@code /api/v1}: finds the resource that a path names, and what the method does with it. The server has
 * decoded the path once; what an id may not hold, a slash for instance, stays encoded and is refused.
 */
public final class HttpApi implements HttpHandler {

    private final MessagesResource messages;
    private final SubscribersResource subscribers;

    /** @param maxPayloadBytes the largest payload, in bytes of UTF-8 */
    public HttpApi(
            Publisher publisher,
            Administration administration,
            MessageIds ids,
            Clock clock,
            Telemetry telemetry,
            int maxPayloadBytes) {
        messages = new MessagesResource(publisher, administration, ids, clock, telemetry, maxPayloadBytes);
        subscribers = new SubscribersResource(administration);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        Optional<String> refusal = LocalOnly.refusal(exchange);
        if (refusal.isPresent()) {
            Problem.send(exchange, StatusCodes.FORBIDDEN, refusal.get());
        } else {
            Answers.guard(exchange, () -> handle(exchange));
        }
    }

    private void handle(HttpServerExchange exchange) {
        Map<String, Consumer<HttpServerExchange>> methods = resource(exchange.getRelativePath());
        if (methods.isEmpty()) {
            throw new RefusedException(StatusCodes.NOT_FOUND, "the HTTP API has nothing at this path");
        }
        Consumer<HttpServerExchange> method =
                methods.get(exchange.getRequestMethod().toString());
        if (method == null) {
            String allowed = String.join(", ", new TreeMap<>(methods).keySet());
            exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
            throw new RefusedException(StatusCodes.METHOD_NOT_ALLOWED, "this path takes " + allowed);
        }
        method.accept(exchange);
    }

    /** What each method does with the resource at a path; nothing where there is none. */
    private Map<String, Consumer<HttpServerExchange>> resource(String path) {
        List<String> steps = List.of(path.split("/", -1)); // the first is empty
        if (steps.size() == 4 && steps.get(1).equals("users") && steps.get(3).equals("messages")) {
            UserId user = user(steps.get(2));
            return Map.of("GET", e -> messages.show(e, user), "POST", e -> messages.publish(e, user));
        }
        if (steps.size() == 4 && steps.get(1).equals("channels") && steps.get(3).equals("messages")) {
            GroupId group = group(steps.get(2));
            return Map.of("POST", e -> messages.publish(e, group));
        }
        if (steps.size() == 4 && steps.get(1).equals("channels") && steps.get(3).equals("subscribers")) {
            GroupId group = group(steps.get(2));
            return Map.of("GET", e -> subscribers.show(e, group));
        }
        if (steps.size() == 5 && steps.get(1).equals("channels") && steps.get(3).equals("subscribers")) {
            GroupId group = group(steps.get(2));
            UserId user = user(steps.get(4));
            return Map.of(
                    "PUT", e -> subscribers.add(e, group, user), "DELETE", e -> subscribers.remove(e, group, user));
        }
        return Map.of();
    }

    private static UserId user(String text) {
        try {
            return new UserId(text);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(StatusCodes.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private static GroupId group(String text) {
        try {
            return new GroupId(text);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(StatusCodes.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }
}

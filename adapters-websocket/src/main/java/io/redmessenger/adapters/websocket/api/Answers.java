package io.redmessenger.adapters.websocket.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends exchanges. */
final class Answers {

    private static final Logger log = LoggerFactory.getLogger(Answers.class);
    private static final int RETRY_AFTER_SECONDS = 5;

    private Answers() {}

    /**
     * Leaves the I/O thread to others until the call has completed, and answers then.
     *
     * @param answer ends the exchange
     */
    static <T> void when(HttpServerExchange exchange, Supplier<CompletionStage<T>> call, Consumer<T> answer) {
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> call.get()
                        .whenComplete((value, failure) -> exchange.getIoThread().execute(() -> {
                            if (failure == null) {
                                guard(exchange, () -> answer.accept(value));
                            } else {
                                failed(exchange, PortException.codeOf(failure));
                            }
                        })));
    }

    /** Runs what ends the exchange; if it refuses instead, a problem document does. */
    static void guard(HttpServerExchange exchange, Runnable answer) {
        try {
            answer.run();
        } catch (RefusedException e) {
            Problem.send(exchange, e.status(), e.detail());
        } catch (RuntimeException e) {
            log.error("a request of the HTTP API failed", e);
            Problem.send(exchange, StatusCodes.INTERNAL_SERVER_ERROR, "internal error; the server's log has it");
        }
    }

    static void json(HttpServerExchange exchange, int status, JsonNode json) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(json.toString());
    }

    static void empty(HttpServerExchange exchange, int status) {
        exchange.setStatusCode(status).endExchange();
    }

    private static void failed(HttpServerExchange exchange, ErrorCode code) {
        if (code.retryable()) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        switch (code) {
            case STORE_UNAVAILABLE ->
                Problem.send(
                        exchange,
                        StatusCodes.SERVICE_UNAVAILABLE,
                        "Redis cannot be reached; what was asked may or may not have happened");
            case STORE_REFUSED ->
                Problem.send(exchange, StatusCodes.SERVICE_UNAVAILABLE, "Redis takes no writes at the moment");
            case OVERLOADED ->
                Problem.send(exchange, StatusCodes.TOO_MANY_REQUESTS, "too much waits to be stored already");
            case WRONG_KIND ->
                Problem.send(exchange, StatusCodes.CONFLICT, "something else is stored in Redis under this name");
            case STORE_FORBIDDEN, LEASE_OVER, INTERNAL -> // nothing that comes by HTTP is under a lease
                Problem.send(
                        exchange, StatusCodes.INTERNAL_SERVER_ERROR, "Redis refused this; the server's log says why");
        }
    }
}

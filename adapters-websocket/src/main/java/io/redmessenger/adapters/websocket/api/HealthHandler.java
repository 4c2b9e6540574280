package io.redmessenger.adapters.websocket.api;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.function.BooleanSupplier;

/** Probes: {@code …/live} is about the process, {@code …/ready} about whether it can serve. */
public final class HealthHandler implements HttpHandler {

    private final BooleanSupplier ready;

    public HealthHandler(BooleanSupplier ready) {
        this.ready = ready;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        boolean well = !exchange.getRequestPath().endsWith("/ready") || ready.getAsBoolean();
        exchange.setStatusCode(well ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(well ? "{\"status\":\"up\"}" : "{\"status\":\"store unavailable\"}");
    }
}

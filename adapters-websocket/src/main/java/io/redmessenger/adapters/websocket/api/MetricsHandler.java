package io.redmessenger.adapters.websocket.api;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

/** The metrics, for Prometheus. */
public final class MetricsHandler implements HttpHandler {

    private final PrometheusTelemetry telemetry;

    public MetricsHandler(PrometheusTelemetry telemetry) {
        this.telemetry = telemetry;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        exchange.getResponseSender().send(telemetry.scrape());
    }
}

package io.redmessenger.adapters.websocket.plain;

import io.redmessenger.adapters.websocket.frame.WebSocketSettings;
import io.redmessenger.adapters.websocket.frame.WebSocketUpgrade;
import io.redmessenger.adapters.websocket.server.Admission;
import io.redmessenger.adapters.websocket.server.Problem;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.Telemetry;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plain WebSocket protocol at its path. A plain GET is answered with a line of text, so that people see it is there. */
public final class PlainEndpoint implements HttpHandler {

    private static final Logger log = LoggerFactory.getLogger(PlainEndpoint.class);

    private final Admission admission;
    private final WebSocketUpgrade upgrade;

    public PlainEndpoint(
            Sessions sessions,
            Admission admission,
            Telemetry telemetry,
            PlainSettings settings,
            WebSocketSettings webSocket) {
        PlainConnection.Node node = new PlainConnection.Node(
                sessions, settings, admission, telemetry, new RateLimitedLog(log, Clock.systemUTC()));
        this.admission = admission;
        this.upgrade = new WebSocketUpgrade(webSocket, exchange -> new PlainConnection(node));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (WebSocketUpgrade.isUpgradeRequest(exchange)) {
            if (admission.hasRoom()) {
                upgrade.handleRequest(exchange);
            } else {
                Problem.sendNodeFull(exchange);
            }
        } else if (exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD)) {
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
            exchange.getResponseSender().send("RedMessenger is running; connect here with a WebSocket.\n");
        } else {
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
            Problem.send(exchange, StatusCodes.METHOD_NOT_ALLOWED, "this path takes GET, to open a WebSocket");
        }
    }
}

package io.redmessenger.adapters.websocket.socketio;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

/** What Engine.IO answers with status 400, in the words of its reference server, which some clients show. */
enum EngineError {
    UNKNOWN_TRANSPORT(0, "Transport unknown"),
    UNKNOWN_SID(1, "Session ID unknown"),
    BAD_HANDSHAKE_METHOD(2, "Bad handshake method"),
    BAD_REQUEST(3, "Bad request"),
    NO_JSONP(3, "Bad request: JSONP is not offered; let the client use XMLHttpRequest (forceJSONP: false)"),
    UNSUPPORTED_VERSION(5, "Unsupported protocol version");

    private final String json;

    EngineError(int code, String message) {
        this.json = "{\"code\":" + code + ",\"message\":\"" + message + "\"}";
    }

    void send(HttpServerExchange exchange) {
        exchange.setStatusCode(StatusCodes.BAD_REQUEST);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(json);
    }
}

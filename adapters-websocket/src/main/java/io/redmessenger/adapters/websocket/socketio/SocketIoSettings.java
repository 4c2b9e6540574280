package io.redmessenger.adapters.websocket.socketio;

import java.time.Duration;

/**
 * How Socket.IO behaves.
 *
 * @param namespace the namespace in which users are served, for instance {@code /rm}
 * @param identifyTimeout how long a client may take to say who it is
 * @param pingInterval the heartbeat, in Engine.IO's sense
 * @param pingTimeout how long its answer may take
 * @param maxPayloadBytes what a client may send at once
 */
public record SocketIoSettings(
        String namespace, Duration identifyTimeout, Duration pingInterval, Duration pingTimeout, int maxPayloadBytes) {}

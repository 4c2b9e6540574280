package io.redmessenger.adapters.websocket.sse;

import java.time.Duration;

/**
 * How event streams behave.
 *
 * @param pingInterval how long a stream may be quiet before a comment is sent
 * @param pingTimeout how long after that the network may take nothing
 */
public record SseSettings(Duration pingInterval, Duration pingTimeout) {}

package io.redmessenger.adapters.websocket.plain;

import java.time.Duration;

/**
 * How the plain protocol behaves.
 *
 * @param identifyTimeout how long a client may take to send its identifier
 * @param pingInterval how long after a pong the next ping is sent, when nothing else asks for one
 * @param pingTimeout how long the answer to a ping may take
 */
public record PlainSettings(Duration identifyTimeout, Duration pingInterval, Duration pingTimeout) {}

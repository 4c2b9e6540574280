package io.redmessenger.domain.connection;

/**
 * Names one live connection, unique on its node.
 *
 * @param value counts up, so that of two connections the older has the smaller value
 */
public record ConnectionId(long value) {}

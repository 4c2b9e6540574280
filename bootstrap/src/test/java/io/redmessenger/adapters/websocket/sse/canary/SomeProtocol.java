package io.redmessenger.adapters.websocket.sse.canary;

/** What a protocol must not know. */
public final class SomeProtocol {}

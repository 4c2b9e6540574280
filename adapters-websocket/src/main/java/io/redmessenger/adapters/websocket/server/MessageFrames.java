package io.redmessenger.adapters.websocket.server;

import io.redmessenger.adapters.websocket.frame.Frame;
import io.redmessenger.domain.delivery.Delivery;

/** Messages as WebSocket frames, each encoded once for all connections that get it. */
public final class MessageFrames {

    private static final SharedEncoding<Frame> FRAMES = new SharedEncoding<>((message, json) -> Frame.text(json));

    private MessageFrames() {}

    /** The frame of {@code offered} for a connection that bubbles, or does not. */
    public static Frame frameOf(Delivery.Offered offered, boolean bubble) {
        return FRAMES.of(offered, bubble);
    }
}

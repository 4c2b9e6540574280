package io.redmessenger.adapters.websocket.server;

import io.redmessenger.adapters.websocket.frame.Frame;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.Message;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Encodes each message once for all connections that get it. A fan-out hands the same message to one connection after the
 * other, so every thread remembers the frames of the last message only.
 */
public final class MessageFrames {

    private static final ThreadLocal<MessageFrames> LAST = ThreadLocal.withInitial(MessageFrames::new);

    private @Nullable Message message;
    private final @Nullable Frame[] frames = new Frame[4];

    private MessageFrames() {}

    /** The frame of {@code offered} for a connection that bubbles, or does not. */
    public static Frame frameOf(Delivery.Offered offered, boolean bubble) {
        return LAST.get().frame(offered.message(), bubble, offered.redelivered());
    }

    @SuppressWarnings(
            "ReferenceEquality") // the same object is what a fan-out hands over; an equal one is only encoded again
    private Frame frame(Message wanted, boolean bubble, boolean redelivered) {
        if (wanted != message) {
            message = wanted;
            Arrays.fill(frames, null);
        }
        int variant = (bubble ? 1 : 0) + (redelivered ? 2 : 0);
        Frame frame = frames[variant];
        if (frame == null) {
            frame = Frame.text(MessageJson.encode(wanted, bubble, redelivered));
            frames[variant] = frame;
        }
        return frame;
    }
}

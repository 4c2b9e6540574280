package io.redmessenger.adapters.websocket.server;

import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Encodes each message once for all connections that get it. A fan-out hands the same message to one connection after the
 * other, so every thread remembers the encodings of the last message only.
 *
 * @param <T> what a transport sends; it must be immutable
 */
public final class SharedEncoding<T> {

    private static final int VARIANTS = 4;

    private final BiFunction<Message, byte[], T> encoder;
    private final ThreadLocal<Last<T>> last = ThreadLocal.withInitial(Last::new);

    private static final class Last<T> {
        @Nullable
        Message message;

        final List<@Nullable T> encodings = new ArrayList<>(Collections.nCopies(VARIANTS, null));
    }

    /** @param encoder makes it of a message and of that message's {@linkplain MessageJson JSON} */
    public SharedEncoding(BiFunction<Message, byte[], T> encoder) {
        this.encoder = encoder;
    }

    /** The encoding of {@code offered} for a connection that bubbles, or does not. */
    @SuppressWarnings(
            "ReferenceEquality") // the same object is what a fan-out hands over; an equal one is only encoded again
    public T of(Delivery.Offered offered, boolean bubble) {
        Message message = offered.message();
        Last<T> known = last.get();
        if (message != known.message) {
            known.message = message;
            Collections.fill(known.encodings, null);
        }
        int variant = (bubble ? 1 : 0) + (offered.redelivered() ? 2 : 0);
        T encoding = known.encodings.get(variant);
        if (encoding == null) {
            encoding = encoder.apply(message, MessageJson.encode(message, bubble, offered.redelivered()));
            known.encodings.set(variant, encoding);
        }
        return encoding;
    }
}

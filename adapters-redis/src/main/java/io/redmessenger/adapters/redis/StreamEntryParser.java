package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes publications of the entries of a stream, or says why that cannot be done. */
final class StreamEntryParser {

    /** What comes of an entry. */
    sealed interface Parsed {}

    /**
     * It can be published.
     *
     * @param key the backend's own name for the publication, which makes it once
     */
    record Accepted(Publication publication, Optional<String> key) implements Parsed {}

    /** It never can. */
    record Refused(Event event, String reason) implements Parsed {}

    /** An id before that was not made from a clock. */
    private static final long FIRST_PLAUSIBLE_MILLIS = 1_420_070_400_000L; // 2015

    private static final Pattern TTL = Pattern.compile("[0-9]{1,15}");

    private final int maxPayloadBytes;

    StreamEntryParser(int maxPayloadBytes) {
        this.maxPayloadBytes = maxPayloadBytes;
    }

    /** A value that is longer need not be read whole: it is refused. */
    int longestValue() {
        return Math.max(maxPayloadBytes, 1_024);
    }

    /** @param now Unix milliseconds */
    Parsed parse(StreamEntry entry, long now) {
        try {
            return accepted(entry, now);
        } catch (Refusal e) {
            return new Refused(e.event, String.valueOf(e.getMessage()));
        }
    }

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final Event event;

        Refusal(Event event, String reason) {
            super(reason, null, false, false);
            this.event = event;
        }
    }

    private Accepted accepted(StreamEntry entry, long now) {
        if (entry.twice() != null) {
            throw new Refusal(Event.PUBLICATION_MALFORMED, "the field " + entry.twice() + " is there more than once");
        }
        Recipient to = recipient(entry.to());
        Payload payload = payload(entry.payload());
        Optional<MessageId> key = Optional.ofNullable(entry.key()).map(StreamEntryParser::messageId);
        long ttl = ttl(entry.ttl());
        long timestamp = entry.millis();
        if (timestamp < FIRST_PLAUSIBLE_MILLIS || timestamp > now) {
            timestamp = now;
        }
        MessageId id = key.orElseGet(() -> new MessageId(entry.id()));
        return new Accepted(Publication.of(to, id, timestamp, payload, ttl), key.map(MessageId::value));
    }

    private static Recipient recipient(byte @Nullable [] to) {
        if (to == null) {
            throw new Refusal(Event.PUBLICATION_BAD_ADDRESS, "the field to is missing");
        }
        try {
            return Recipient.parse(StrictUtf8.decode(to)
                    .orElseThrow(() -> new IllegalArgumentException("the value of to is not UTF-8")));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Event.PUBLICATION_BAD_ADDRESS, String.valueOf(e.getMessage()));
        }
    }

    private Payload payload(byte @Nullable [] payload) {
        if (payload == null) {
            throw new Refusal(Event.PUBLICATION_MALFORMED, "the field payload is missing");
        }
        if (payload.length > maxPayloadBytes) {
            throw new Refusal(
                    Event.PUBLICATION_TOO_LARGE,
                    "the payload has more bytes than max_message_bytes, " + maxPayloadBytes);
        }
        return new Payload(StrictUtf8.decode(payload)
                .orElseThrow(() -> new Refusal(Event.PUBLICATION_NOT_UTF8, "the payload is not UTF-8")));
    }

    private static MessageId messageId(byte[] key) {
        try {
            return new MessageId(StrictUtf8.decode(key)
                    .orElseThrow(() -> new IllegalArgumentException("message id must be printable ASCII")));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Event.PUBLICATION_MALFORMED, "the field id: " + e.getMessage());
        }
    }

    private static long ttl(byte @Nullable [] ttl) {
        if (ttl == null) {
            return Message.NO_TTL;
        }
        Optional<Long> millis = StrictUtf8.decode(ttl)
                .filter(text -> TTL.matcher(text).matches())
                .map(Long::valueOf)
                .filter(number -> number > 0);
        return millis.orElseThrow(() ->
                new Refusal(Event.PUBLICATION_MALFORMED, "the field ttl must be a number of milliseconds, 1 or more"));
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;

/** Makes publications of what is heard on {@code rm.*}; what is none is counted, and warned about now and then. */
final class PublicationParser {

    private final int maxPayloadBytes;
    private final MessageIds ids;
    private final Clock clock;
    private final Telemetry telemetry;
    private final RateLimitedLog warnings;

    PublicationParser(int maxPayloadBytes, MessageIds ids, Clock clock, Telemetry telemetry, RateLimitedLog warnings) {
        this.maxPayloadBytes = maxPayloadBytes;
        this.ids = ids;
        this.clock = clock;
        this.telemetry = telemetry;
        this.warnings = warnings;
    }

    Optional<Publication> parse(byte[] channel, byte[] payload) {
        Recipient to;
        try {
            to = Recipient.parse(new String(channel, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return refuse(
                    Event.PUBLICATION_BAD_ADDRESS,
                    "a PUBLISH to an address that is none is ignored",
                    String.valueOf(e.getMessage()));
        }
        if (payload.length > maxPayloadBytes) {
            String detail = payload.length + " bytes to " + to.address() + ", max_message_bytes is " + maxPayloadBytes;
            return refuse(Event.PUBLICATION_TOO_LARGE, "a PUBLISH that is too large is ignored", detail);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            return refuse(Event.PUBLICATION_NOT_UTF8, "a PUBLISH that is not UTF-8 is ignored", "to " + to.address());
        }
        long now = clock.millis();
        return Optional.of(Publication.of(to, ids.next(now), now, new Payload(text), Message.NO_TTL));
    }

    private Optional<Publication> refuse(Event event, String kind, String detail) {
        telemetry.count(event);
        warnings.warn(kind, detail);
        return Optional.empty();
    }
}

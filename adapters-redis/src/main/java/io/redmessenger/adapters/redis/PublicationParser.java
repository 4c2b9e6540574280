package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Makes publications of what is published in Redis; what cannot be one is counted, warned of, and dropped. */
final class PublicationParser {

    private final int maxPayloadBytes;
    private final Telemetry telemetry;
    private final RateLimitedLog warnings;

    PublicationParser(int maxPayloadBytes, Telemetry telemetry, Clock clock) {
        this(maxPayloadBytes, telemetry, new RateLimitedLog(LoggerFactory.getLogger(PublicationParser.class), clock));
    }

    PublicationParser(int maxPayloadBytes, Telemetry telemetry, RateLimitedLog warnings) {
        this.maxPayloadBytes = maxPayloadBytes;
        this.telemetry = telemetry;
        this.warnings = warnings;
    }

    /**
     * @param id its id, unless it is refused
     * @param now when it was heard, in Unix milliseconds
     */
    Optional<Publication> parse(byte[] channel, byte[] payload, MessageId id, long now) {
        Recipient to;
        try {
            to = Recipient.parse(StrictUtf8.decode(channel)
                    .orElseThrow(() -> new IllegalArgumentException("the name of the channel is not UTF-8")));
        } catch (IllegalArgumentException e) {
            telemetry.count(Event.PUBLICATION_BAD_ADDRESS);
            warnings.warn("a publication was refused for its channel", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        if (payload.length > maxPayloadBytes) {
            telemetry.count(Event.PUBLICATION_TOO_LARGE);
            warnings.warn(
                    "a publication was refused for its size",
                    "its payload to " + to.address() + " has " + payload.length
                            + " bytes, more than max_message_bytes, " + maxPayloadBytes);
            return Optional.empty();
        }
        Optional<String> text = StrictUtf8.decode(payload);
        if (text.isEmpty()) {
            telemetry.count(Event.PUBLICATION_NOT_UTF8);
            warnings.warn("a publication was refused, for its payload is not UTF-8", "it was to " + to.address());
            return Optional.empty();
        }
        telemetry.count(Event.PUBLICATION_ACCEPTED);
        return Optional.of(Publication.of(to, id, now, new Payload(text.get()), Message.NO_TTL));
    }
}

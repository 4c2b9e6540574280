package io.redmessenger.adapters.redis;

import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Makes messages of entries, and skips those that are none, for they must not block an inbox. */
final class InboxEntries {

    private final Telemetry telemetry;
    private final Clock clock;
    private final RateLimitedLog warnings;

    InboxEntries(Telemetry telemetry, Clock clock) {
        this.telemetry = telemetry;
        this.clock = clock;
        this.warnings = new RateLimitedLog(LoggerFactory.getLogger(InboxEntries.class), clock);
    }

    /** @param first the position of the first entry */
    List<Delivery.Queued> read(UserId user, String epoch, long first, List<?> entries) {
        List<Delivery.Queued> readable = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            long position = first + i;
            Optional<Message> message = MessageJson.decode(
                    (byte[]) entries.get(i),
                    () -> new MessageId("legacy-" + (epoch.isEmpty() ? "0" : epoch) + "-" + position),
                    user.address(),
                    clock.millis());
            if (message.isPresent()) {
                readable.add(new Delivery.Queued(position, message.get()));
            } else {
                telemetry.count(Event.UNREADABLE_ENTRY);
                warnings.warn("an inbox holds an entry that is no message; skipped", "the inbox of " + user);
            }
        }
        return readable;
    }
}

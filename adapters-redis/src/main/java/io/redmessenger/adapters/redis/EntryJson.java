package io.redmessenger.adapters.redis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.util.Optional;
import java.util.function.Supplier;

/** A message as an inbox holds it: {@code {"id":…,"source":…,"timestamp":…,"payload":…}}, its id first. */
final class EntryJson {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private EntryJson() {}

    static String encode(Message message) {
        JsonStringEncoder quote = JsonStringEncoder.getInstance();
        StringBuilder json = new StringBuilder(message.payload().text().length() + 128);
        json.append(prefix(message.id())).append(",\"source\":\"");
        quote.quoteAsString(message.source(), json);
        json.append("\",\"timestamp\":").append(message.timestamp());
        if (message.ttl() != Message.NO_TTL) {
            json.append(",\"ttl\":").append(message.ttl());
        }
        json.append(",\"payload\":\"");
        quote.quoteAsString(message.payload().text(), json);
        return json.append("\"}").toString();
    }

    /** What the entry of this message begins with, and no other. An id needs no escaping. */
    static String prefix(MessageId id) {
        return "{\"id\":\"" + id.value() + "\"";
    }

    /**
     * Reads an entry, be it ours or the original's, which has no id and a payload that was percent-encoded.
     *
     * @param missingId makes the id of an entry that has none
     * @param now what stands for a timestamp that is missing, Unix milliseconds
     * @return empty when it is no message
     */
    static Optional<Message> decode(String entry, Supplier<MessageId> missingId, long now) {
        try {
            JsonNode json = JSON.readTree(entry);
            JsonNode payload = json.path("payload");
            if (!payload.isTextual()) {
                return Optional.empty();
            }
            boolean original = !json.path("id").isTextual();
            MessageId id =
                    original ? missingId.get() : new MessageId(json.path("id").textValue());
            String text = original ? PercentEncoding.decodeUri(payload.textValue()) : payload.textValue();
            long ttl = Math.max(1, json.path("ttl").asLong(Message.NO_TTL));
            long timestamp = json.path("timestamp").asLong(now);
            return Optional.of(new Message(id, json.path("source").asText(""), timestamp, new Payload(text), ttl));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A message as an inbox entry: {@code {"id":"…","source":"…","timestamp":ms,"payload":"…"}}, in that order. */
final class MessageJson {

    private static final byte[] BEGIN = "{\"id\":\"".getBytes(UTF_8);
    private static final int OVERHEAD = 200; // in characters
    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();
    private static final JsonFactory FACTORY = new JsonFactory();

    private MessageJson() {}

    static byte[] encode(Message message) {
        String payload = message.payload().text();
        StringBuilder json = new StringBuilder(payload.length() + OVERHEAD);
        json.append("{\"id\":\"").append(message.id().value()).append("\",\"source\":\"");
        quote(message.source(), json);
        json.append("\",\"timestamp\":").append(message.timestamp());
        if (message.ttl() != Message.NO_TTL) {
            json.append(",\"ttl\":").append(message.ttl());
        }
        json.append(",\"payload\":\"");
        quote(payload, json);
        return json.append("\"}").toString().getBytes(UTF_8);
    }

    /** Most texts need no escaping, and to see that is quicker than to look at each character for its escape. */
    private static void quote(String text, StringBuilder json) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                ENCODER.quoteAsString(text, json);
                return;
            }
        }
        json.append(text);
    }

    /** What the entry of the message with this id begins with, and no other entry does. */
    static byte[] begin(MessageId id) {
        return ("{\"id\":\"" + id.value() + "\"").getBytes(UTF_8);
    }

    /**
     * Reads an entry, of ours or of the original's.
     *
     * @param legacyId makes the id of an entry that has none
     * @param source the source of an entry that has none
     * @param now the timestamp of an entry that has none
     * @return empty when the entry is no message
     */
    static Optional<Message> decode(byte[] entry, Supplier<MessageId> legacyId, String source, long now) {
        try (JsonParser parser = FACTORY.createParser(entry)) {
            return decode(parser, entry, legacyId, source, now);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Message> decode(
            JsonParser parser, byte[] entry, Supplier<MessageId> legacyId, String source, long now) throws IOException {
        String id = null;
        String payload = null;
        long timestamp = now;
        long ttl = Message.NO_TTL;
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "id" ->
                    id = switch (value) {
                        case VALUE_NULL -> null;
                        case VALUE_STRING -> parser.getText();
                        default -> ""; // never the id of a message
                    };
                case "payload" -> payload = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                case "source" -> source = value == JsonToken.VALUE_STRING ? parser.getText() : source;
                case "timestamp" -> timestamp = value.isNumeric() ? parser.getValueAsLong(now) : timestamp;
                case "ttl" -> ttl = value.isNumeric() ? Math.max(1, parser.getValueAsLong(ttl)) : ttl;
                default -> parser.skipChildren();
            }
            if (value.isStructStart() && parser.currentToken() == value) {
                parser.skipChildren();
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null || payload == null) {
            return Optional.empty();
        }
        if (id == null) {
            Payload decoded = new Payload(LegacyPayload.decode(payload));
            return Optional.of(new Message(legacyId.get(), source, timestamp, decoded, Message.LIFE_OF_INBOX));
        }
        return isMarked(entry, id)
                ? Optional.of(new Message(new MessageId(id), source, timestamp, new Payload(payload), ttl))
                : Optional.empty();
    }

    /** An entry that seems to begin as ours do must begin with its own id: acknowledging compares that. */
    private static boolean isMarked(byte[] entry, @Nullable String id) {
        byte[] own = ("{\"id\":\"" + id + "\"").getBytes(UTF_8);
        return !startsWith(entry, BEGIN) || startsWith(entry, own);
    }

    private static boolean startsWith(byte[] bytes, byte[] beginning) {
        return bytes.length >= beginning.length
                && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
    }
}

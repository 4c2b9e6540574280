package io.redmessenger.adapters.websocket.plain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.adapters.websocket.server.Identifier;
import io.redmessenger.domain.message.MessageId;

/** What a client may send. */
sealed interface ClientFrame {

    /**
     * The first frame.
     *
     * @param json whether it was an object, so that notices may be sent beside messages
     * @param explicit whether the client acknowledges on its own
     */
    record Identify(Identifier identifier, boolean json, boolean explicit) implements ClientFrame {}

    /** An identification by a signed token. */
    record IdentifyByToken(boolean explicit) implements ClientFrame {}

    /** The client is done with this message and all before it. */
    record Acknowledge(MessageId id) implements ClientFrame {}

    /** None of these; {@code problem} says why. */
    record Bad(String problem) implements ClientFrame {}

    JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(16).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Reads a frame. Text that does not begin as an object does is an identifier as the original client sends it. */
    static ClientFrame parse(String text) {
        try {
            if (!text.startsWith("{")) {
                return new Identify(Identifier.parse(text), false, false);
            }
            JsonNode object = JSON.readTree(text);
            return switch (object.path("type").asText("")) {
                case "identify" -> identify(object);
                case "ack" -> new Acknowledge(new MessageId(required(object, "id")));
                default -> new Bad("type must be \"identify\" or \"ack\"");
            };
        } catch (JsonProcessingException e) {
            return new Bad("not a JSON object: " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            return new Bad(String.valueOf(e.getMessage()));
        }
    }

    private static ClientFrame identify(JsonNode object) {
        JsonNode ack = object.path("ack");
        boolean explicit = ack.asText("").equals("explicit");
        if (!ack.isMissingNode() && !explicit) {
            return new Bad("ack must be \"explicit\", or be left out");
        }
        if (object.has("token")) {
            required(object, "token");
            return new IdentifyByToken(explicit);
        }
        String key = object.has("key") ? required(object, "key") : "";
        return new Identify(Identifier.of(required(object, "uid"), key), true, explicit);
    }

    private static String required(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + " must be a string");
        }
        return value.textValue();
    }
}

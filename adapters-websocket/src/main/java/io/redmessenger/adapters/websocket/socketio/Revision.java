package io.redmessenger.adapters.websocket.socketio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The revision of Engine.IO that a client speaks, and with it that of Socket.IO: clients 1.x and 2.x speak 3, clients 3.x
 * and 4.x speak 4. Some of the old ones decode what they poll as UTF-8 twice, so to them everything is written in ASCII.
 */
enum Revision {
    V3(JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build()),
    V4(JsonMapper.builder().build());

    private static final int DEEPEST = 16;

    /** Reads what clients send; how deep it may nest is bounded. */
    static final JsonMapper READER = readerOf();

    @SuppressWarnings("ImmutableEnumChecker") // nobody configures it any more
    private final JsonMapper writer;

    Revision(JsonMapper writer) {
        this.writer = writer;
    }

    private static JsonMapper readerOf() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build());
        return mapper;
    }

    /** The revision of the query parameter {@code EIO}. */
    static Optional<Revision> of(@Nullable String number) {
        return switch (number == null ? "" : number) {
            case "3" -> Optional.of(V3);
            case "4" -> Optional.of(V4);
            default -> Optional.empty();
        };
    }

    /** {@code value} as this revision's clients can read it. */
    String text(JsonNode value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /** JSON in UTF-8 as this revision's clients can read it. */
    byte[] text(byte[] json) {
        return this == V3 ? ascii(json) : json;
    }

    private static byte[] ascii(byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        StringBuilder escaped = new StringBuilder(json.length + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\u%04x", (int) c));
            }
        }
        return escaped.toString().getBytes(StandardCharsets.US_ASCII);
    }
}

package io.redmessenger.adapters.websocket.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.Payload;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants to be published.
 *
 * @param ttl how long it may wait, in milliseconds; {@link Message#NO_TTL} leaves that to the inbox
 */
record Submission(Payload payload, long ttl) {

    /** How the body of a request says it. */
    enum Form {
        TEXT,
        JSON;

        /** A byte of a payload can take six in JSON. */
        private static final int JSON_BYTES = 6;

        private static final int FRAME_BYTES = 1_024;

        /** Reads a Content-Type (RFC 9110, section 8.3). */
        static Form of(@Nullable String contentType) {
            String[] parts = (contentType == null ? "" : contentType)
                    .toLowerCase(Locale.ROOT)
                    .replace("\"", "")
                    .split(";", -1);
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].trim();
                if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
                    throw new RefusedException(StatusCodes.UNSUPPORTED_MEDIA_TYPE, "the charset must be UTF-8");
                }
            }
            return switch (parts[0].trim()) {
                case "text/plain" -> TEXT;
                case "application/json" -> JSON;
                default ->
                    throw new RefusedException(
                            StatusCodes.UNSUPPORTED_MEDIA_TYPE,
                            "the Content-Type must be text/plain, and the body the payload; or application/json, and the"
                                    + " body an object with a \"payload\"");
            };
        }

        /** The most bytes of a body whose payload has {@code maxPayloadBytes} at most. */
        long maxBytes(int maxPayloadBytes) {
            return this == TEXT ? maxPayloadBytes : (long) JSON_BYTES * maxPayloadBytes + FRAME_BYTES;
        }
    }

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Reads a body. */
    static Submission read(Form form, byte[] body) {
        String text = utf8(body);
        return form == Form.TEXT ? new Submission(payload(text), Message.NO_TTL) : json(text);
    }

    /** How large the payload is as it is published. */
    int payloadBytes() {
        return payload.text().getBytes(StandardCharsets.UTF_8).length;
    }

    private static RefusedException bad(String detail) {
        return new RefusedException(StatusCodes.BAD_REQUEST, detail);
    }

    private static String utf8(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad("the body is not UTF-8");
        }
    }

    private static Payload payload(String text) {
        try {
            return new Payload(text);
        } catch (IllegalArgumentException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private static Submission json(String text) {
        JsonNode object;
        try {
            object = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw bad("the body is not JSON: " + e.getOriginalMessage());
        }
        JsonNode payload = object.path("payload");
        if (!object.isObject() || !payload.isTextual()) {
            throw bad("the body must be an object with a string \"payload\"");
        }
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!name.equals("payload") && !name.equals("ttl")) {
                throw bad("the body may have \"payload\" and \"ttl\", and nothing else");
            }
        }
        return new Submission(payload(payload.textValue()), ttl(object));
    }

    private static long ttl(JsonNode object) {
        if (!object.has("ttl")) {
            return Message.NO_TTL;
        }
        JsonNode ttl = object.path("ttl");
        if (!ttl.isIntegralNumber() || !ttl.canConvertToLong() || ttl.longValue() < 1) {
            throw bad("ttl must be a whole number of milliseconds, 1 or more");
        }
        return Math.min(ttl.longValue(), Message.LIFE_OF_INBOX - 1);
    }
}

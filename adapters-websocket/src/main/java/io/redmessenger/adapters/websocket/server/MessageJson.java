package io.redmessenger.adapters.websocket.server;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.redmessenger.domain.message.Message;
import java.nio.charset.StandardCharsets;

/** A message as clients get it: {@code {"id":…,"source":…,"timestamp":…,"bubble":…,"payload":…}}, in UTF-8. */
public final class MessageJson {

    private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();

    private static final int OVERHEAD = 200; // in characters

    private MessageJson() {}

    /**
     * Encodes a message for one kind of receiver.
     *
     * @param bubble whether the receiver shows the desktop notification
     * @param redelivered whether the user may have seen the message before; said only if so
     */
    public static byte[] encode(Message message, boolean bubble, boolean redelivered) {
        String payload = message.payload().text();
        StringBuilder json = new StringBuilder(payload.length() + OVERHEAD);
        json.append("{\"id\":\"").append(message.id().value()).append("\",\"source\":\"");
        quote(message.source(), json);
        json.append("\",\"timestamp\":")
                .append(message.timestamp())
                .append(",\"bubble\":")
                .append(bubble)
                .append(redelivered ? ",\"redelivered\":true,\"payload\":\"" : ",\"payload\":\"");
        quote(payload, json);
        return json.append("\"}").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Most texts need no escaping, and to see that is quicker than to look at each character for its escape. */
    private static void quote(String text, StringBuilder json) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                JSON.quoteAsString(text, json);
                return;
            }
        }
        json.append(text);
    }
}

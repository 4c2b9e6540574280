package io.redmessenger.adapters.websocket.server;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.redmessenger.domain.message.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A message as clients get it: {@code {"id":…,"source":…,"timestamp":…,"bubble":…,"payload":…}}, in UTF-8. */
public final class MessageJson {

    private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();

    private MessageJson() {}

    /**
     * Encodes a message for one kind of receiver.
     *
     * @param bubble whether the receiver shows the desktop notification
     * @param redelivered whether the user may have seen the message before; said only if so
     */
    public static byte[] encode(Message message, boolean bubble, boolean redelivered) {
        byte[] payload = JSON.quoteAsUTF8(message.payload().text());
        ByteArrayOutputStream json = new ByteArrayOutputStream(payload.length + 160);
        write(json, "{\"id\":\"");
        json.writeBytes(JSON.quoteAsUTF8(message.id().value()));
        write(json, "\",\"source\":\"");
        json.writeBytes(JSON.quoteAsUTF8(message.source()));
        write(json, "\",\"timestamp\":" + message.timestamp() + ",\"bubble\":" + bubble);
        write(json, redelivered ? ",\"redelivered\":true,\"payload\":\"" : ",\"payload\":\"");
        json.writeBytes(payload);
        write(json, "\"}");
        return json.toByteArray();
    }

    private static void write(ByteArrayOutputStream json, String ascii) {
        json.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }
}

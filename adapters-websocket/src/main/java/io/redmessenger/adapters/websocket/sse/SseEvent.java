package io.redmessenger.adapters.websocket.sse;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A block of an event stream as it leaves (HTML standard, section 9.2.5). Immutable, so that connections share it.
 *
 * <p>Nobody can forge a field: a line ends at CR and LF alone, JSON has neither but escaped, and a {@link MessageId} is
 * printable ASCII.
 */
final class SseEvent {

    /** A comment: proves to both sides and to proxies between them that the stream lives. */
    static final SseEvent HEARTBEAT = new SseEvent(":\n\n");

    private final byte[] bytes;

    private SseEvent(byte[] bytes) {
        this.bytes = bytes;
    }

    private SseEvent(String text) {
        this(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A message: an event of the default type, which needs no name. */
    static SseEvent message(Message message, byte[] json) {
        byte[] head = ("id: " + message.id().value() + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[head.length + json.length + 2];
        System.arraycopy(head, 0, bytes, 0, head.length);
        System.arraycopy(json, 0, bytes, head.length, json.length);
        bytes[bytes.length - 2] = '\n';
        bytes[bytes.length - 1] = '\n';
        return new SseEvent(bytes);
    }

    /**
     * The first of a stream.
     *
     * @param retry how long the client is to wait before it connects again, should the stream end
     */
    static SseEvent ready(Duration retry, UserId user, long pending) {
        return notice(
                "ready",
                object().put("uid", user.value()).put("pending", pending),
                "retry: " + retry.toMillis() + "\n");
    }

    static SseEvent missed(long count) {
        return notice("missed", object().put("count", count), "");
    }

    /**
     * The last of a stream. Its type is not {@code error}, which is EventSource's own for a lost connection.
     *
     * @param retry as for {@link #ready}
     */
    static SseEvent error(Duration retry, CloseReason reason) {
        ObjectNode data = object().put("code", reason.code())
                .put("message", reason.message())
                .put("retryable", reason.retryable());
        return notice("rm_error", data, "retry: " + retry.toMillis() + "\n");
    }

    /** No notice has an id: what the client says it has is a message. */
    private static SseEvent notice(String type, ObjectNode data, String fields) {
        return new SseEvent(fields + "event: " + type + "\ndata: " + data + "\n\n");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    int length() {
        return bytes.length;
    }

    /** Copies as much as fits from {@code offset} on. */
    void copyTo(ByteBuffer target, int offset) {
        target.put(bytes, offset, Math.min(target.remaining(), bytes.length - offset));
    }

    @Override
    public String toString() {
        return "SseEvent[" + bytes.length + " bytes]"; // never the text: payloads do not belong in logs
    }
}

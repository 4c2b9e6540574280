package io.redmessenger.adapters.websocket.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.Recipient;
import io.redmessenger.domain.recipient.UserId;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.time.Clock;

/** {@code …/messages}: publishes to a user or a channel, and looks into an inbox. */
final class MessagesResource {

    private static final HttpString IDEMPOTENCY_KEY = new HttpString("Idempotency-Key");

    /** How much of a body that is too large is read all the same, for a caller that is cut off does not see why. */
    private static final int DRAINED_BYTES = 1 << 20;

    private static final int USUAL_COUNT = 20;
    private static final int MAX_COUNT = 100;

    private final Publisher publisher;
    private final Administration administration;
    private final MessageIds ids;
    private final Clock clock;
    private final Telemetry telemetry;
    private final int maxPayloadBytes;

    MessagesResource(
            Publisher publisher,
            Administration administration,
            MessageIds ids,
            Clock clock,
            Telemetry telemetry,
            int maxPayloadBytes) {
        this.publisher = publisher;
        this.administration = administration;
        this.ids = ids;
        this.clock = clock;
        this.telemetry = telemetry;
        this.maxPayloadBytes = maxPayloadBytes;
    }

    // ---- POST

    void publish(HttpServerExchange exchange, Recipient to) {
        if (exchange.getRequestHeaders().contains(IDEMPOTENCY_KEY)) {
            throw new RefusedException(
                    StatusCodes.BAD_REQUEST,
                    "this version does not know Idempotency-Key, and a repetition would be published again; leave it out");
        }
        Submission.Form form = Submission.Form.of(exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE));
        long most = form.maxBytes(maxPayloadBytes);
        exchange.setMaxEntitySize(most + DRAINED_BYTES);
        long length = exchange.getRequestContentLength();
        if (length < 0 && !exchange.isRequestComplete()) {
            throw new RefusedException(StatusCodes.LENGTH_REQUIRED, "a body needs a Content-Length here");
        }
        if (length > most) {
            throw tooLarge();
        }
        exchange.getRequestReceiver()
                .receiveFullBytes(
                        (received, body) -> Answers.guard(received, () -> publish(received, to, form, body)),
                        (failed, failure) -> failed.endExchange()); // the caller has gone
    }

    private void publish(HttpServerExchange exchange, Recipient to, Submission.Form form, byte[] body) {
        Submission submission = Submission.read(form, body);
        if (submission.payloadBytes() > maxPayloadBytes) {
            throw tooLarge();
        }
        telemetry.count(Event.PUBLICATION_ACCEPTED);
        long now = clock.millis();
        Publication publication = Publication.of(to, ids.next(now), now, submission.payload(), submission.ttl());
        Answers.when(
                exchange,
                () -> publisher.publish(publication),
                receipt -> Answers.json(exchange, StatusCodes.ACCEPTED, answer(publication, receipt)));
    }

    private RefusedException tooLarge() {
        telemetry.count(Event.PUBLICATION_TOO_LARGE);
        return new RefusedException(
                StatusCodes.REQUEST_ENTITY_TOO_LARGE,
                "the payload must be at most " + maxPayloadBytes + " bytes of UTF-8, see max_message_bytes");
    }

    private static ObjectNode answer(Publication publication, Publisher.Receipt receipt) {
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("id", publication.message().id().value());
        if (publication.to() instanceof UserId) {
            if (receipt.rejected() > 0) {
                throw new RefusedException(
                        StatusCodes.CONFLICT, "something else is stored in Redis under the name of this user's inbox");
            }
            return answer.put("delivered_to", receipt.attached()).put("queued", receipt.attached() == 0);
        }
        answer.put("recipients", receipt.recipients()).put("delivered_to", receipt.attached());
        return receipt.rejected() > 0 ? answer.put("rejected", receipt.rejected()) : answer;
    }

    // ---- GET

    void show(HttpServerExchange exchange, UserId user) {
        int count = Parameters.number(exchange, "count", USUAL_COUNT, MAX_COUNT);
        Answers.when(exchange, () -> administration.inbox(user, count), contents -> {
            ObjectNode answer = JsonNodeFactory.instance.objectNode().put("pending", contents.size());
            ArrayNode messages = answer.putArray("messages");
            contents.oldest().forEach(message -> messages.add(json(message)));
            Answers.json(exchange, StatusCodes.OK, answer);
        });
    }

    private static ObjectNode json(Message message) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", message.id().value())
                .put("source", message.source())
                .put("timestamp", message.timestamp());
        if (message.ttl() < Message.LIFE_OF_INBOX) {
            json.put("ttl", message.ttl());
        }
        return json.put("payload", message.payload().text());
    }
}

package io.redmessenger.adapters.websocket.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

/** {@code …/subscribers}: who belongs to a channel. */
final class SubscribersResource {

    private static final int USUAL_COUNT = 100;
    private static final int MAX_COUNT = 1_000;

    private final Administration administration;

    SubscribersResource(Administration administration) {
        this.administration = administration;
    }

    void show(HttpServerExchange exchange, GroupId group) {
        int count = Parameters.number(exchange, "count", USUAL_COUNT, MAX_COUNT);
        Answers.when(exchange, () -> administration.members(group, count + 1), members -> {
            ObjectNode answer = JsonNodeFactory.instance.objectNode();
            ArrayNode subscribers = answer.putArray("subscribers");
            members.stream().limit(count).forEach(member -> subscribers.add(member.value()));
            Answers.json(exchange, StatusCodes.OK, answer.put("more", members.size() > count));
        });
    }

    void add(HttpServerExchange exchange, GroupId group, UserId user) {
        Answers.when(
                exchange,
                () -> administration.addMember(group, user),
                isNew -> Answers.empty(exchange, isNew ? StatusCodes.CREATED : StatusCodes.NO_CONTENT));
    }

    void remove(HttpServerExchange exchange, GroupId group, UserId user) {
        Answers.when(
                exchange,
                () -> administration.removeMember(group, user),
                wasMember -> Answers.empty(exchange, StatusCodes.NO_CONTENT));
    }
}

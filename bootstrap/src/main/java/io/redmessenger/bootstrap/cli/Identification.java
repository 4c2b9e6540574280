package io.redmessenger.bootstrap.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;

/**
 * The first frame of a client.
 *
 * @param user who it says it is
 * @param frame the text of the frame; holds the key, so it is shown nowhere
 */
record Identification(UserId user, String frame) {

    static Identification of(UserId user, Optional<String> key) {
        ObjectNode frame = JsonNodeFactory.instance.objectNode();
        frame.put("type", "identify").put("uid", user.value());
        key.ifPresent(secret -> frame.put("key", secret));
        return new Identification(user, frame.put("ack", "explicit").toString());
    }

    @Override
    public String toString() {
        return "Identification[" + user + "]";
    }
}

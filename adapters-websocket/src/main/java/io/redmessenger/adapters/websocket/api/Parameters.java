package io.redmessenger.adapters.websocket.api;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import java.util.Deque;

/** What the query of a request says. */
final class Parameters {

    private Parameters() {}

    /** A number from 1 to {@code most}. */
    static int number(HttpServerExchange exchange, String name, int usual, int most) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        if (values == null) {
            return usual;
        }
        if (values.size() == 1 && values.getFirst().matches("[0-9]{1,6}")) {
            int number = Integer.parseInt(values.getFirst());
            if (number >= 1 && number <= most) {
                return number;
            }
        }
        throw new RefusedException(StatusCodes.BAD_REQUEST, name + " must be one number from 1 to " + most);
    }
}

package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.recipient.UserId;
import java.util.Collection;
import java.util.List;

/** Something to ask a script of Redis for, as part of a call; about one inbox and with one answer, if it does not say else. */
interface InboxRequest {

    LuaScript script();

    /** Whether requests for the same script may be part of the same call. */
    default boolean isShareable() {
        return true;
    }

    /** Whose inboxes it concerns; requests that concern the same user are carried out in order. */
    Collection<UserId> users();

    /** The hash slot of all its keys. */
    default int slot(RedisKeys keys) {
        return keys.slot(users().iterator().next());
    }

    /** How much it adds to a call, in the work that appending to one inbox is. */
    default int weight() {
        return 1;
    }

    /** How much it adds to a call, in bytes. */
    int bytes();

    /** Whether it must not be carried out any more, since something before it failed. */
    default boolean isAbandoned() {
        return false;
    }

    /** Adds the arguments that the call needs once; only the first request of a call is asked. */
    void begin(ScriptArguments arguments);

    void addTo(ScriptArguments arguments);

    /** How many values of the reply are for this request; all of it when it is alone. */
    default int replies() {
        return 1;
    }

    /** Completes the request with its part of the reply. */
    void complete(List<?> reply);

    void fail(PortException failure);
}

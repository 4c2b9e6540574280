package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who got a message that could not be stored for all of its users. Its repetition leaves them out: they may have acknowledged it by
 * then, and would get it once more with each try, for as long as some server of a cluster is away.
 *
 * <p>Bounded: of those known for longest nothing is known any more. Safe for concurrent use.
 */
final class PartialAppends {

    private static final int MAX_RESULTS = 200_000;

    private final Map<MessageId, Map<UserId, AppendResult>> stored = new LinkedHashMap<>();
    private int results;

    /** What is known of an earlier try to append the message; of these users or of others. */
    synchronized Map<UserId, AppendResult> of(MessageId id) {
        return Map.copyOf(stored.getOrDefault(id, Map.of()));
    }

    /** The message could not be stored for all; these have it. */
    synchronized void remember(MessageId id, List<AppendResult> some) {
        if (some.isEmpty()) {
            return;
        }
        Map<UserId, AppendResult> known = stored.computeIfAbsent(id, unused -> new HashMap<>());
        for (AppendResult result : some) {
            if (known.put(result.user(), result) == null) {
                results++;
            }
        }
        Iterator<Map<UserId, AppendResult>> oldest = stored.values().iterator();
        while (results > MAX_RESULTS) {
            results -= oldest.next().size();
            oldest.remove();
        }
    }

    /** The message is stored for all. */
    synchronized void forget(MessageId id) {
        Map<UserId, AppendResult> known = stored.remove(id);
        if (known != null) {
            results -= known.size();
        }
    }
}

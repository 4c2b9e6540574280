package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what {@code append.lua} tells other nodes: a line per user, an empty line, the entry. */
final class RedisNodeSignals implements NodeSignals, NodeSignals.Listener {

    private static final Logger log = LoggerFactory.getLogger(RedisNodeSignals.class);

    private final BooleanSupplier available;
    private volatile @Nullable Listener listener;

    RedisNodeSignals(BooleanSupplier available) {
        this.available = available;
    }

    @Override
    public void listen(Listener whoListens) {
        listener = whoListens;
    }

    @Override
    public boolean isStoreAvailable() {
        return available.getAsBoolean();
    }

    void heard(String signal) {
        int end = signal.indexOf("\n\n");
        Optional<Message> message = end < 0
                ? Optional.empty()
                : EntryJson.decode(signal.substring(end + 2), () -> new MessageId("none"), 0);
        if (message.isEmpty()) {
            log.warn("a signal of another node cannot be read; are all nodes of one version?");
            return;
        }
        for (String line : signal.substring(0, end).split("\n", -1)) {
            String[] words = line.split(" ", 3);
            appended(RedisKeys.userOf(words[2]), new InboxPlace(words[0], Long.parseLong(words[1])), message.get());
        }
    }

    @Override
    public void appended(UserId user, InboxPlace place, Message message) {
        Listener current = listener;
        if (current != null) {
            current.appended(user, place, message);
        }
    }

    @Override
    public void storeLost() {
        Listener current = listener;
        if (current != null) {
            current.storeLost();
        }
    }

    @Override
    public void storeRestored() {
        Listener current = listener;
        if (current != null) {
            current.storeRestored();
        }
    }
}

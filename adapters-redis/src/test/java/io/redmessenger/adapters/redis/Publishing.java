package io.redmessenger.adapters.redis;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Appends numbered messages, as services do it. */
final class Publishing {

    static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(1), 1000);

    /** A node without a connection of the user. */
    static final Presence NOBODY = new Presence(List.of(), 6);

    private Publishing() {}

    static Message message(int number) {
        return new Message(new MessageId("m" + number), "rm.users.x", 1, new Payload("p" + number));
    }

    /** The ids of {@link #append}. */
    static List<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
    }

    static void append(Inbox inbox, UserId user, int from, int to) {
        for (int i = from; i < to; i++) {
            Await.value(inbox.append(message(i), List.of(user), POLICY, false));
        }
    }

    /** Repeats what fails, as a publisher does, until it is stored; returns the ids. */
    static List<String> appendWithRepeats(Inbox inbox, UserId user, int from, int to, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<String> stored = new ArrayList<>();
        for (int i = from; i < to; i++) {
            boolean again = false;
            while (true) {
                try {
                    AppendResult result = inbox.append(message(i), List.of(user), POLICY, again)
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS)
                            .get(0);
                    if (!(result instanceof AppendResult.Stored)) {
                        throw new AssertionError("rejected: " + result);
                    }
                    stored.add("m" + i);
                    break;
                } catch (ExecutionException e) {
                    if (!PortException.codeOf(e).retryable() || System.nanoTime() > deadline) {
                        throw new AssertionError(i + " cannot be stored", e);
                    }
                    again = true;
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                } catch (InterruptedException | TimeoutException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return stored;
    }

    /** What waits, in order. */
    static List<String> ids(Inbox inbox, UserId user) {
        return Await.value(inbox.peek(user, 1000)).oldest().stream()
                .map(message -> message.id().value())
                .toList();
    }
}

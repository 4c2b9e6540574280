package io.redmessenger.benchmarks;

import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.service.Lanes;
import io.redmessenger.application.service.OpenSessionService;
import io.redmessenger.application.service.PublishMessageService;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The application's part of a fan-out: a message is published to a channel, offered to its thousand members, and acknowledged
 * by each. Store and network answer at once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBenchmark {

    static final int MEMBERS = 1_000;

    private final GroupId group = new GroupId("cats");
    private final Message message = new Message(
            new MessageId("01J8Z3K4M5N6P7Q8R9S0T1V2W3"),
            group.address(),
            1_438_480_701_712L,
            new Payload("x".repeat(128)));
    private final ImmediateInbox inbox = new ImmediateInbox();
    private final PublishMessageService publisher;
    private long delivered;

    public FanOutBenchmark() {
        InboxPolicy policy = new InboxPolicy(Duration.ofDays(7), 1_000);
        OpenSessionService sessions = new OpenSessionService(
                inbox,
                new NoCredentials(),
                new QuietSignals(),
                (event, amount) -> {},
                Clock.systemUTC(),
                new SessionSettings(false, 6, policy),
                Lanes.of(new SerialExecutor()));
        List<UserId> members = IntStream.range(0, MEMBERS)
                .mapToObj(i -> new UserId("user" + i))
                .toList();
        publisher = new PublishMessageService(inbox, new OneGroup(members), sessions, (event, amount) -> {}, policy);
        for (int i = 0; i < MEMBERS; i++) {
            PromptConnection connection = new PromptConnection(i);
            connection.session = sessions.open(members.get(i), Optional.empty(), connection);
        }
    }

    /** Returns how many deliveries there were so far. */
    @Benchmark
    public long toAThousand() {
        publisher.publish(new Publication(group, message, false, Optional.empty()));
        return delivered;
    }

    /** Returns how many acknowledgements have reached the store so far. */
    long acknowledged() {
        return inbox.acknowledged();
    }

    /** Acknowledges what it gets at once. */
    private final class PromptConnection implements ConnectionPort {
        private final ConnectionId id;
        private Sessions.@Nullable Session session;

        PromptConnection(long id) {
            this.id = new ConnectionId(id);
        }

        @Override
        public ConnectionId id() {
            return id;
        }

        @Override
        public void opened(long pending) {}

        @Override
        public void missed(long count) {}

        @Override
        public void deliver(List<Delivery.Offered> batch, boolean bubble) {
            delivered += batch.size();
            if (session != null) {
                session.acknowledge(batch.get(batch.size() - 1).sequence());
            }
        }

        @Override
        public void close(CloseReason reason) {
            throw new IllegalStateException("closed: " + reason);
        }
    }

    /** Runs everything on the caller's thread, one after another. */
    private static final class SerialExecutor implements Executor {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean running;

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
            for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                next.run();
            }
            running = false;
        }
    }

    private static final class OneGroup implements GroupMembership {
        private final Members members;

        OneGroup(List<UserId> users) {
            this.members = new Members(users, START, 0);
        }

        @Override
        public CompletionStage<Members> members(GroupId group, String cursor) {
            return CompletableFuture.completedFuture(members);
        }

        @Override
        public CompletionStage<Long> size(GroupId group) {
            return CompletableFuture.completedFuture((long) members.users().size());
        }

        @Override
        public CompletionStage<Boolean> add(GroupId group, UserId user) {
            return CompletableFuture.completedFuture(false);
        }

        @Override
        public CompletionStage<Boolean> remove(GroupId group, UserId user) {
            return CompletableFuture.completedFuture(false);
        }
    }

    private static final class QuietSignals implements NodeSignals {
        @Override
        public void listen(Listener listener) {}

        @Override
        public boolean isStoreAvailable() {
            return true;
        }
    }

    private static final class NoCredentials implements CredentialStore {
        @Override
        public CompletionStage<Optional<Credential>> credentialOf(UserId user) {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public CompletionStage<Void> set(UserId user, Credential credential) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("nothing is kept here"));
        }

        @Override
        public CompletionStage<Boolean> revoke(UserId user) {
            return CompletableFuture.completedFuture(false);
        }
    }
}

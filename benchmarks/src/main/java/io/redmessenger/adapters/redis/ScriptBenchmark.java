package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.Attempt;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What is made of a message, and of what became of it, for Redis: the entry of an inbox, and the scripts' arguments. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScriptBenchmark {

    /** How many inboxes a call is for. */
    static final int USERS = 1_000;

    private static final String NODE = "n1a2b3c4";

    private final Message message = new Message(
            new MessageId("01J8Z3K4M5N6P7Q8R9S0T1V2W3"),
            "rm.channels.cats",
            1_438_480_701_712L,
            new Payload("x".repeat(128)));
    private final byte[] entry = MessageJson.encode(message);
    private final RedisKeys keys = RedisKeys.plain();
    private final AppendRequest.Node node =
            new AppendRequest.Node(keys, NODE, Duration.ofDays(8).toMillis(), OtherNodes.KNOWN_TO_REDIS);
    private final InboxPolicy policy = new InboxPolicy(Duration.ofDays(7), 1_000);
    private final List<UserId> users =
            IntStream.range(0, USERS).mapToObj(i -> new UserId("user" + i)).toList();
    private final List<Progress> progress = users.stream()
            .map(user -> new Progress(user, "abcdefg", Optional.of(new Mark(1_234, message.id())), 1_240, 0))
            .toList();

    @Benchmark
    public byte[] entry() {
        return MessageJson.encode(message);
    }

    @Benchmark
    public Optional<Message> entryRead() {
        return MessageJson.decode(entry, message::id, "rm.users.user1", 0);
    }

    /** A message for a thousand inboxes. */
    @Benchmark
    public int appendToAThousand() {
        ScriptArguments arguments = new ScriptArguments();
        AppendRequest request =
                new AppendRequest(node, entry, users, policy, false, Optional.empty(), false, new Attempt());
        request.begin(arguments);
        request.addTo(arguments);
        return arguments.keys().length + arguments.values().length;
    }

    /** What a thousand users have acknowledged. */
    @Benchmark
    public int acknowledgeByAThousand() {
        ScriptArguments arguments = new ScriptArguments();
        for (int i = 0; i < USERS; i++) {
            ProgressRequest request = new ProgressRequest(keys, NODE, progress.get(i), ProgressRequest.STAYING);
            if (i == 0) {
                request.begin(arguments);
            }
            request.addTo(arguments);
        }
        return arguments.keys().length + arguments.values().length;
    }
}

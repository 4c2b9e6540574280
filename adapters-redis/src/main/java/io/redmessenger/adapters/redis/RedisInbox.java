package io.redmessenger.adapters.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.redmessenger.application.log.RateLimitedLog;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Inboxes as lists in Redis, numbered by a hash beside each. The scripts in {@code lua/} say what is atomic. */
final class RedisInbox implements Inbox {

    private static final Logger log = LoggerFactory.getLogger(RedisInbox.class);

    /** Keeps a call within a few milliseconds of Redis. */
    private static final int USERS_PER_CALL = 200;

    private static final long BYTES_PER_CALL = 1024 * 1024;
    private static final String BYTES_PER_PAGE = Integer.toString(512 * 1024);

    /** A state outlives its inbox, and is renewed far more often than that, so that it lasts while anybody is attached. */
    private static final long STATE_OUTLIVES_MILLIS = 3_600_000;

    private static final int VALUES_PER_RESULT = 6;

    private final RedisScript append = RedisScript.named("append", ScriptOutputType.MULTI);
    private final RedisScript attach = RedisScript.named("attach", ScriptOutputType.MULTI);
    private final RedisScript detach = RedisScript.named("detach", ScriptOutputType.INTEGER);
    private final RedisScript acknowledge = RedisScript.named("acknowledge", ScriptOutputType.MULTI);
    private final RedisScript page = RedisScript.named("page", ScriptOutputType.MULTI);
    private final RedisScript clear = RedisScript.named("clear", ScriptOutputType.INTEGER);

    private record Append(Message message, List<UserId> users, InboxPolicy policy, boolean again) {}

    private final RedisAsyncCommands<String, String> redis;
    private final String node;
    private final Telemetry telemetry;
    private final Clock clock;
    private final RateLimitedLog warnings;

    private final Gathering<Append, List<AppendResult>> appends = new Gathering<>(
            this::appendTogether, (a, b) -> a.policy().equals(b.policy()), USERS_PER_CALL, BYTES_PER_CALL);
    private final Gathering<Progress, Integer> acknowledgements =
            new Gathering<>(this::acknowledgeTogether, (a, b) -> true, USERS_PER_CALL, BYTES_PER_CALL);

    /** @param node names this process among all that use the same Redis */
    RedisInbox(RedisAsyncCommands<String, String> redis, String node, Telemetry telemetry, Clock clock) {
        this.redis = redis;
        this.node = node;
        this.telemetry = telemetry;
        this.clock = clock;
        this.warnings = new RateLimitedLog(log, clock);
    }

    @Override
    public CompletionStage<List<AppendResult>> append(
            Message message, List<UserId> users, InboxPolicy policy, boolean again) {
        if (users.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        CompletionStage<List<AppendResult>> all = null;
        for (int from = 0; from < users.size(); from += USERS_PER_CALL) {
            List<UserId> some = users.subList(from, Math.min(users.size(), from + USERS_PER_CALL));
            long weight = 2L * message.payload().text().length();
            CompletionStage<List<AppendResult>> part =
                    appends.ask(new Append(message, some, policy, again), some.size(), weight);
            all = all == null
                    ? part
                    : all.thenCombine(part, (first, second) -> {
                        List<AppendResult> both = new ArrayList<>(first);
                        both.addAll(second);
                        return both;
                    });
        }
        return all == null ? CompletableFuture.completedStage(List.of()) : all;
    }

    private CompletionStage<List<List<AppendResult>>> appendTogether(List<Append> together) {
        InboxPolicy policy = together.get(0).policy();
        List<String> keys = new ArrayList<>();
        List<String> arguments = new ArrayList<>(List.of(
                node,
                Integer.toString(policy.limit()),
                Long.toString(policy.expiry().toMillis()),
                stateTtl(policy),
                Integer.toString(LOOK_BACK),
                Integer.toString(together.size())));
        for (Append one : together) {
            one.users().forEach(user -> {
                keys.add(RedisKeys.messages(user));
                keys.add(RedisKeys.state(user));
            });
            arguments.add(EntryJson.encode(one.message()));
            arguments.add(one.again() ? EntryJson.prefix(one.message().id()) : "");
            arguments.add(Integer.toString(one.users().size()));
        }
        CompletionStage<List<Object>> reply = RedisFailures.translated(
                () -> append.call(redis, keys.toArray(String[]::new), arguments.toArray(String[]::new)));
        return reply.thenApply(values -> {
            List<List<AppendResult>> results = new ArrayList<>(together.size());
            int at = 0;
            for (Append one : together) {
                List<AppendResult> ofOne = new ArrayList<>(one.users().size());
                for (UserId user : one.users()) {
                    ofOne.add(resultOf(user, values.subList(at, at + VALUES_PER_RESULT)));
                    at += VALUES_PER_RESULT;
                }
                results.add(ofOne);
            }
            return results;
        });
    }

    private AppendResult resultOf(UserId user, List<Object> values) {
        long position = (Long) values.get(0);
        if (position < 0) {
            warnings.warn(
                    "a key of an inbox holds something else, messages for that user are refused",
                    RedisKeys.messages(user) + " must be a list and " + RedisKeys.state(user)
                            + " a hash, if they exist");
            return new AppendResult.Rejected(user, ErrorCode.WRONG_KIND);
        }
        return new AppendResult.Stored(
                user,
                new InboxPlace((String) values.get(1), position),
                ((Long) values.get(2)).intValue(),
                (Long) values.get(3) == 1,
                ((Long) values.get(4)).intValue(),
                (Long) values.get(5) == 1);
    }

    @Override
    public CompletionStage<Attachment> attach(UserId user, InboxPolicy policy) {
        String epoch = UUID.randomUUID().toString().substring(0, 8);
        CompletionStage<List<Object>> reply =
                RedisFailures.translated(() -> attach.call(redis, keysOf(user), node, stateTtl(policy), epoch));
        return reply.thenApply(values -> new Attachment(
                (String) values.get(0),
                (Long) values.get(1),
                (Long) values.get(2),
                (Long) values.get(3),
                (Long) values.get(4),
                (Long) values.get(5)));
    }

    @Override
    public CompletionStage<Void> detach(Progress progress, long shown) {
        CompletionStage<Long> reply = RedisFailures.translated(() -> detach.call(
                redis,
                keysOf(progress.user()),
                node,
                progress.epoch(),
                positionDone(progress),
                prefixDone(progress),
                Long.toString(progress.told()),
                Long.toString(shown)));
        return reply.thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Boolean> acknowledge(Progress progress) {
        return acknowledgements.ask(progress, 1, 0).thenApply(reply -> {
            if (reply < 0) {
                throw new PortException(
                        ErrorCode.WRONG_KIND, "a key of the inbox of " + progress.user() + " holds something else");
            }
            return reply == 1;
        });
    }

    private CompletionStage<List<Integer>> acknowledgeTogether(List<Progress> together) {
        List<String> keys = new ArrayList<>(2 * together.size());
        List<String> arguments = new ArrayList<>(5 * together.size() + 1);
        arguments.add(node);
        for (Progress progress : together) {
            keys.add(RedisKeys.messages(progress.user()));
            keys.add(RedisKeys.state(progress.user()));
            arguments.add(progress.epoch());
            arguments.add(positionDone(progress));
            arguments.add(prefixDone(progress));
            arguments.add(Long.toString(progress.offeredThrough()));
            arguments.add(Long.toString(progress.told()));
        }
        CompletionStage<List<Object>> reply = RedisFailures.translated(
                () -> acknowledge.call(redis, keys.toArray(String[]::new), arguments.toArray(String[]::new)));
        return reply.thenApply(values ->
                values.stream().map(value -> ((Long) value).intValue()).toList());
    }

    private static String positionDone(Progress progress) {
        return Long.toString(progress.done().map(Mark::position).orElse(0L));
    }

    private static String prefixDone(Progress progress) {
        return progress.done().map(mark -> EntryJson.prefix(mark.id())).orElse("");
    }

    @Override
    public CompletionStage<Optional<Page>> page(UserId user, String epoch, long first, int count) {
        CompletionStage<List<Object>> reply = RedisFailures.translated(() ->
                page.call(redis, keysOf(user), epoch, Long.toString(first), Integer.toString(count), BYTES_PER_PAGE));
        return reply.thenCompose(values -> {
            if (values.size() < 3) {
                return CompletableFuture.completedStage(Optional.empty());
            }
            long position = (Long) values.get(0);
            long last = (Long) values.get(1);
            List<Delivery.Queued> queued = new ArrayList<>(values.size() - 3);
            for (Object entry : values.subList(3, values.size())) {
                long at = position++;
                decode(user, epoch, at, (String) entry).ifPresent(m -> queued.add(new Delivery.Queued(at, m)));
            }
            if (queued.isEmpty() && position <= last) {
                return page(user, epoch, position, count); // nothing readable here, but perhaps further on
            }
            return CompletableFuture.completedStage(Optional.of(new Page(queued, last, (Long) values.get(2))));
        });
    }

    private Optional<Message> decode(UserId user, String epoch, long position, String entry) {
        Optional<Message> message =
                EntryJson.decode(entry, () -> new MessageId("legacy-" + epoch + "-" + position), clock.millis());
        if (message.isEmpty()) {
            telemetry.count(Event.UNREADABLE_ENTRY);
            warnings.warn("an entry of an inbox is no message and is skipped", RedisKeys.messages(user));
        }
        return message;
    }

    @Override
    public CompletionStage<Contents> peek(UserId user, int count) {
        String list = RedisKeys.messages(user);
        CompletionStage<Long> size = RedisFailures.translated(() -> redis.llen(list));
        CompletionStage<List<String>> entries = RedisFailures.translated(() -> redis.lrange(list, 0, count - 1L));
        return size.thenCombine(entries, (length, oldest) -> {
            List<Message> messages = new ArrayList<>(oldest.size());
            for (int i = 0; i < oldest.size(); i++) {
                decode(user, "0", i, oldest.get(i)).ifPresent(messages::add);
            }
            return new Contents(length, messages);
        });
    }

    @Override
    public CompletionStage<Long> clear(UserId user) {
        return RedisFailures.translated(() -> clear.call(redis, keysOf(user)));
    }

    private static String[] keysOf(UserId user) {
        return new String[] {RedisKeys.messages(user), RedisKeys.state(user)};
    }

    private static String stateTtl(InboxPolicy policy) {
        return Long.toString(policy.expiry().toMillis() + STATE_OUTLIVES_MILLIS);
    }
}

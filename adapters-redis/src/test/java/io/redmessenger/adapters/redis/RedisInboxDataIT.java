package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.LiveConnection;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the inbox leaves in Redis, and what it makes of what others leave there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisInboxDataIT {

    private static final UserId ANN = new UserId("ann");
    private static final UserId BOB = new UserId("bob");
    private static final String LIST = "rm:users:ann:messages";
    private static final String STATE = "rm:users:ann:state";
    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 1000);
    private static final Presence NOBODY = new Presence(List.of(), 6);

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private final Nodes nodes = new Nodes(REDIS);

    @BeforeAll
    void start() {
        nodes.start();
    }

    @AfterAll
    void stop() {
        nodes.stop();
    }

    private Inbox inbox() {
        return nodes.here().inbox();
    }

    private static Message message(String id) {
        return new Message(new MessageId(id), "rm.users.ann", 1_438_480_701_712L, new Payload("hello"));
    }

    private AppendResult append(String id, UserId user) {
        return Await.value(inbox().append(message(id), List.of(user), POLICY, false))
                .get(0);
    }

    private Attachment attach() {
        return Await.value(inbox().attach(ANN, POLICY, NOBODY));
    }

    private Page page(Attachment attachment, long first) {
        return Await.value(inbox().page(ANN, attachment.epoch(), first, 1024)).orElseThrow();
    }

    private static List<String> payloads(Page page) {
        return page.queued().stream()
                .map(queued -> queued.message().payload().text())
                .toList();
    }

    private static List<String> ids(Page page) {
        return page.queued().stream()
                .map(queued -> queued.message().id().value())
                .toList();
    }

    // ---- what it leaves

    @Test
    void anEntryShouldBeTheDocumentedJson() {
        append("m1", ANN);
        Await.value(inbox().append(
                        new Message(new MessageId("m2"), "rm.channels.c", 5, new Payload("\"☃\n"), 700),
                        List.of(ANN),
                        POLICY,
                        false));
        assertThat(REDIS.redis().lrange(LIST, 0, -1))
                .containsExactly(
                        "{\"id\":\"m1\",\"source\":\"rm.users.ann\",\"timestamp\":1438480701712,\"payload\":\"hello\"}",
                        "{\"id\":\"m2\",\"source\":\"rm.channels.c\",\"timestamp\":5,\"ttl\":700,"
                                + "\"payload\":\"\\\"☃\\n\"}");
    }

    @Test
    void anInboxOfAnAbsentUserShouldBeAListOnly() {
        append("m1", ANN);
        assertThat(REDIS.redis().keys("*")).containsExactly(LIST);
        assertThat(REDIS.redis().pttl(LIST))
                .isBetween(
                        Duration.ofDays(7).toMillis() - 60_000,
                        Duration.ofDays(7).toMillis() + 1_000);
    }

    @Test
    void nothingShouldBeLeftOfAUserWhoHadEverything() {
        Attachment attachment = attach();
        append("m1", ANN);
        long last = attachment.last() + 1;
        Progress all = new Progress(ANN, attachment.epoch(), Optional.of(new Mark(last, new MessageId("m1"))), last, 0);
        assertThat(Await.value(inbox().acknowledge(all))).isTrue();
        Await.value(inbox().detach(all, last));
        assertThat(REDIS.redis().keys("*")).isEmpty();
    }

    @Test
    void theStateShouldOutliveTheListByAnHour() {
        attach();
        append("m1", ANN);
        InboxPolicy minute = new InboxPolicy(Duration.ofMinutes(1), 10);
        Await.value(inbox().append(message("m2"), List.of(ANN), minute, false));
        assertThat(REDIS.redis().pttl(LIST)).isBetween(1L, 61_000L);
        assertThat(REDIS.redis().pttl(STATE)).isBetween(3_600_001L, 3_660_000L);
    }

    @Test
    void attachingAgainShouldKeepTheStateFromExpiring() {
        attach();
        REDIS.redis().pexpire(STATE, 5_000);
        attach();
        assertThat(REDIS.redis().pttl(STATE)).isGreaterThan(Duration.ofDays(7).toMillis());
    }

    @Test
    void aListWithoutTimeToLiveShouldGetOneWhenAttached() {
        REDIS.redis().rpush(LIST, "{\"payload\":\"old\"}");
        attach();
        assertThat(REDIS.redis().pttl(LIST)).isBetween(1L, Duration.ofDays(7).toMillis());
    }

    @Test
    void whatIsDroppedShouldBeRememberedForAnAbsentUser() {
        InboxPolicy one = new InboxPolicy(Duration.ofDays(7), 1);
        for (int i = 1; i <= 3; i++) {
            Await.value(inbox().append(message("m" + i), List.of(ANN), one, false));
        }
        assertThat(REDIS.redis().hget(STATE, "d")).isEqualTo("2");
        assertThat(REDIS.redis().pttl(STATE)).isPositive();
        Attachment attachment = attach();
        assertThat(attachment.missed()).isEqualTo(2);
        assertThat(ids(page(attachment, attachment.first()))).containsExactly("m3");
        Progress told = new Progress(ANN, attachment.epoch(), Optional.empty(), attachment.last(), 2);
        assertThat(Await.value(inbox().acknowledge(told))).isTrue();
        assertThat(REDIS.redis().hget(STATE, "r")).isEqualTo("2");
        assertThat(attach().missed()).isZero();
    }

    // ---- what others leave

    @Test
    void theOriginalsEntriesShouldBeDelivered() {
        REDIS.redis()
                .rpush(
                        LIST,
                        "{\"source\":\"rm.users.ann\",\"timestamp\":1438480701712,\"bubble\":true,"
                                + "\"payload\":\"Hello,%20world!%20%F0%9F%98%80%3F\"}",
                        "{\"source\":\"rm.channels.c\",\"timestamp\":7,\"payload\":\"100%\"}",
                        "{\"payload\":\"%41%E9\"}");
        Attachment attachment = attach();
        assertThat(attachment.pending()).isEqualTo(3);
        Page page = page(attachment, attachment.first());
        assertThat(payloads(page)).containsExactly("Hello, world! 😀%3F", "100%", "%41%E9");
        Message first = page.queued().get(0).message();
        assertThat(first.source()).isEqualTo("rm.users.ann");
        assertThat(first.timestamp()).isEqualTo(1_438_480_701_712L);
        assertThat(ids(page))
                .containsExactly(
                        "legacy-" + attachment.epoch() + "-1",
                        "legacy-" + attachment.epoch() + "-2",
                        "legacy-" + attachment.epoch() + "-3");
        assertThat(page.queued().get(2).message().source()).isEqualTo("rm.users.ann");
        append("m4", ANN);
        Mark mark = new Mark(2, new MessageId("legacy-" + attachment.epoch() + "-2"));
        assertThat(Await.value(inbox().acknowledge(new Progress(ANN, attachment.epoch(), Optional.of(mark), 2, 0))))
                .isTrue();
        Page rest = page(attachment, 3);
        assertThat(ids(rest)).containsExactly("legacy-" + attachment.epoch() + "-3", "m4");
    }

    @Test
    void entriesThatAreNoMessagesShouldNotBlockTheInbox() {
        long before = nodes.telemetry().of(Event.UNREADABLE_ENTRY);
        REDIS.redis()
                .rpush(
                        LIST,
                        "nonsense",
                        "[]",
                        "{}",
                        "{\"payload\":5}",
                        "{\"payload\":\"\\ud800\"}",
                        "null",
                        "{\"id\":\"a b\",\"payload\":\"\"}",
                        "{\"payload\":\"x\"} more");
        append("m9", ANN);
        REDIS.redis().rpush(LIST, "{");
        Attachment attachment = attach();
        Page page = page(attachment, attachment.first());
        assertThat(page.queued()).extracting(Delivery.Queued::position).containsExactly(9L);
        assertThat(page.last()).isEqualTo(10);
        assertThat(nodes.telemetry().of(Event.UNREADABLE_ENTRY) - before).isEqualTo(9);
        assertThat(page(attachment, 10).queued()).isEmpty();
        Inbox.Contents contents = Await.value(inbox().peek(ANN, 100));
        assertThat(contents.size()).isEqualTo(10);
        assertThat(contents.oldest()).hasSize(1);
    }

    @Test
    void pagesWithoutAnythingReadableShouldBePassedOver() {
        REDIS.redis()
                .rpush(LIST, IntStream.range(0, 300).mapToObj(i -> "nonsense").toArray(String[]::new));
        append("m301", ANN);
        Attachment attachment = attach();
        Page page = Await.value(inbox().page(ANN, attachment.epoch(), attachment.first(), 10))
                .orElseThrow();
        assertThat(page.queued()).extracting(Delivery.Queued::position).containsExactly(301L);
    }

    @Test
    void aStateOfAnotherKindShouldConcernOnlyItsUser() {
        REDIS.redis().set(STATE, "something else");
        List<AppendResult> results = Await.value(inbox().append(message("m1"), List.of(ANN, BOB), POLICY, false));
        assertThat(results.get(0)).isEqualTo(new AppendResult.Rejected(ANN, ErrorCode.WRONG_KIND));
        assertThat(results.get(1)).isInstanceOf(AppendResult.Stored.class);
        assertThat(REDIS.redis().exists(LIST)).isZero();
        assertThat(Await.failure(inbox().attach(ANN, POLICY, NOBODY)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(inbox().page(ANN, "e", 1, 1)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        Progress progress = new Progress(ANN, "e", Optional.empty(), 0, 0);
        assertThat(Await.failure(inbox().acknowledge(progress)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(inbox().detach(progress, 0)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(inbox().clear(ANN)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(REDIS.redis().get(STATE)).isEqualTo("something else");
    }

    // ---- nodes that die, positions that go back

    @Test
    void aDeadNodeShouldBeForgottenByTheNextAppend() {
        append("m1", ANN);
        RedisAdapter doomed = nodes.another("doomed");
        Await.value(doomed.inbox().attach(ANN, POLICY, NOBODY));
        assertThat(((AppendResult.Stored) append("m2", ANN)).attachedElsewhere())
                .isEqualTo(1);
        Await.value(doomed.stop());
        AppendResult.Stored stored = (AppendResult.Stored) append("m3", ANN);
        assertThat(stored.attachedElsewhere()).isZero();
        assertThat(REDIS.redis().hkeys(STATE)).doesNotContain("n:" + doomed.node());
        Attachment attachment = attach();
        assertThat(attachment.first()).isEqualTo(1);
        assertThat(attachment.last()).isEqualTo(3);
        assertThat(attachment.shown()).isEqualTo(2);
    }

    private static Presence presence(int limit, long... connections) {
        return new Presence(
                LongStream.of(connections)
                        .mapToObj(id -> new LiveConnection(new ConnectionId(id), LiveConnection.UNKNOWN))
                        .toList(),
                limit);
    }

    @Test
    void connectionsShouldBeTheDocumentedField() {
        String field = "c:" + nodes.here().node();
        Await.value(inbox().attach(ANN, POLICY, presence(6, 7, 9)));
        assertThat(REDIS.redis().hget(STATE, field)).matches("7:\\d{13} 9:\\d{13}");
        Await.value(inbox().attach(ANN, POLICY, presence(6, 9)));
        assertThat(REDIS.redis().hget(STATE, field)).matches("9:\\d{13}");
        append("m1", ANN);
        Attachment attachment = attach();
        assertThat(REDIS.redis().hkeys(STATE)).doesNotContain(field);
        Await.value(inbox().attach(ANN, POLICY, presence(6, 9)));
        Await.value(inbox().detach(new Progress(ANN, attachment.epoch(), Optional.empty(), 1, 0), 1));
        assertThat(REDIS.redis().hkeys(STATE)).containsExactlyInAnyOrder("e", "s", "o");
    }

    @Test
    void theNextMessageShouldBubbleOnTheNextOldestWhenANodeHasDied() {
        RedisAdapter doomed = nodes.another("doomed");
        Await.value(doomed.inbox().attach(ANN, POLICY, presence(6, 1)));
        Await.value(inbox().attach(ANN, POLICY, presence(6, 1)));
        Await.value(nodes.there().inbox().attach(ANN, POLICY, presence(6, 1)));
        assertThat(((AppendResult.Stored) append("m1", ANN)).oldestHere()).isFalse();
        Await.value(doomed.stop());
        AppendResult.Stored stored = (AppendResult.Stored) append("m2", ANN);
        assertThat(stored.oldestHere()).isTrue();
        assertThat(stored.attachedElsewhere()).isEqualTo(1);
        assertThat(REDIS.redis().hkeys(STATE)).doesNotContain("c:" + doomed.node());
    }

    @Test
    void aDeadNodeShouldNotCountTowardsTheLimit() {
        RedisAdapter doomed = nodes.another("doomed");
        Await.value(doomed.inbox().attach(ANN, POLICY, presence(2, 1, 2)));
        Await.value(doomed.stop());
        Await.value(nodes.there().inbox().attach(ANN, POLICY, presence(2, 1)));
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, presence(2, 1)));
        assertThat(attachment.connections()).hasSize(1);
        assertThat(attachment.oldestHere()).isFalse();
        assertThat(REDIS.redis().hget(STATE, "c:" + nodes.there().node())).isNotNull();
        assertThat(REDIS.redis().hkeys(STATE)).doesNotContain("c:" + doomed.node());
    }

    @Test
    void aStateThatIsNotNumberedShouldHarmNobody() {
        REDIS.redis().hset(STATE, "c:x", "nonsense 5: :7 3:");
        REDIS.redis().hset(STATE, "n:" + nodes.there().node(), "0");
        assertThat(((AppendResult.Stored) append("m1", ANN)).attachedElsewhere())
                .isEqualTo(1);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, presence(6, 1)));
        assertThat(attachment.connections()).hasSize(1);
        assertThat(attachment.oldestHere()).isTrue();
    }

    @Test
    void aDeadNodeShouldBeForgottenByTheNextAttach() {
        RedisAdapter doomed = nodes.another("doomed");
        Await.value(doomed.inbox().attach(ANN, POLICY, NOBODY));
        append("m1", ANN);
        Await.value(doomed.stop());
        Attachment attachment = attach();
        assertThat(attachment.shown()).isEqualTo(1);
        assertThat(REDIS.redis().hkeys(STATE)).contains("n:" + nodes.here().node());
        assertThat(REDIS.redis().hkeys(STATE)).doesNotContain("n:" + doomed.node());
    }

    @Test
    void aRewoundInboxShouldNotLoseWhatCameAfter() {
        Attachment attachment = attach();
        append("m1", ANN);
        byte[] list = REDIS.redis().dump(LIST);
        byte[] state = REDIS.redis().dump(STATE);
        append("m2", ANN);
        append("m3", ANN);
        REDIS.redis().del(LIST, STATE); // a failover to a replica that had only m1
        REDIS.redis().restore(LIST, 0, list);
        REDIS.redis().restore(STATE, 0, state);
        Mark third = new Mark(3, new MessageId("m3"));
        assertThat(Await.value(inbox().acknowledge(new Progress(ANN, attachment.epoch(), Optional.of(third), 3, 0))))
                .isFalse();
        append("n2", ANN);
        append("n3", ANN);
        assertThat(Await.value(inbox().acknowledge(new Progress(ANN, attachment.epoch(), Optional.of(third), 3, 0))))
                .isFalse();
        assertThat(ids(page(attachment, 1))).containsExactly("m1", "n2", "n3");
    }

    // ---- scripts

    @Test
    void forgottenScriptsShouldBeSentAgainInOrder() {
        attach();
        REDIS.redis().scriptFlush();
        List<CompletionStage<?>> stages = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 2_000; i++) {
            expected.add("m" + i);
            stages.add(
                    inbox().append(message("m" + i), List.of(ANN), new InboxPolicy(Duration.ofDays(1), 5_000), false));
            if (i % 500 == 0) {
                REDIS.redis().scriptFlush();
                stages.add(inbox().peek(ANN, 1));
            }
        }
        stages.forEach(Await::value);
        List<String> stored = new ArrayList<>();
        for (String entry : REDIS.redis().lrange(LIST, 0, -1)) {
            stored.add(entry.substring(7, entry.indexOf('"', 7)));
        }
        assertThat(stored).isEqualTo(expected);
    }

    @Test
    void callsUnderLoadShouldBeFew() {
        int count = 5_000;
        List<UserId> users =
                IntStream.range(0, 100).mapToObj(i -> new UserId("u" + i)).toList();
        REDIS.redis().configResetstat();
        List<CompletionStage<?>> stages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stages.add(inbox().append(message("m" + i), List.of(users.get(i % 100)), POLICY, false));
        }
        stages.forEach(Await::value);
        String stats = REDIS.redis().info("commandstats");
        long calls = stats.lines()
                .filter(line -> line.startsWith("cmdstat_eval"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf("calls=") + 6, line.indexOf(','))))
                .sum();
        assertThat(calls).isBetween(1L, count / 5L);
    }
}

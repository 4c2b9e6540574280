package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Consumer;
import io.lettuce.core.KillArgs;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XClaimArgs;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.models.stream.PendingMessage;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The durable way in, on a real Redis. */
class RedisStreamIT {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(1), 100_000);

    /** One node, and what its publisher was given. */
    private static final class Node {
        final CountingTelemetry telemetry = new CountingTelemetry();
        final List<Publication> published = new CopyOnWriteArrayList<>();
        final RedisAdapter adapter;

        Node(String name) {
            adapter = new RedisAdapter(
                    new RedisSettings(REDIS.uri(), Optional.empty(), OptionalInt.empty(), Duration.ofSeconds(2), 1_000),
                    name,
                    telemetry,
                    Clock.systemUTC());
            Await.value(adapter.start());
        }

        Node read(Publisher publisher) {
            Publisher remembering = publication -> {
                published.add(publication);
                return publisher.publish(publication);
            };
            Await.value(adapter.startIngress(remembering, new MessageIds(1)));
            return this;
        }

        /** Stores as the application does. */
        CompletionStage<Publisher.Receipt> store(Publication publication) {
            return adapter.inbox()
                    .append(publication.message(), List.of((UserId) publication.to()), POLICY, publication.again())
                    .thenApply(results -> new Publisher.Receipt(1, 0, 0));
        }

        List<String> payloads() {
            return published.stream().map(p -> p.message().payload().text()).toList();
        }

        long count(Event event) {
            return telemetry.of(event);
        }
    }

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        REDIS.resume();
        nodes.forEach(node -> Await.value(node.adapter.stop()));
    }

    private Node node(String name) {
        Node node = new Node(name);
        nodes.add(node);
        return node;
    }

    private Node storing(String name) {
        Node node = node(name);
        return node.read(node::store);
    }

    private static CompletionStage<Publisher.Receipt> succeed() {
        return CompletableFuture.completedFuture(new Publisher.Receipt(1, 0, 0));
    }

    private static CompletionStage<Publisher.Receipt> fail(ErrorCode code) {
        return CompletableFuture.failedFuture(new PortException(code, "as the test wants it"));
    }

    private static String add(String... fieldsAndValues) {
        return REDIS.redis().xadd("rm:publish", (Object[]) fieldsAndValues);
    }

    private static String addTo(String user, String payload) {
        return add("to", "rm.users." + user, "payload", payload);
    }

    private static void addAll(int count, int users) {
        RedisClient client = RedisClient.create(REDIS.uri());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            connection.setAutoFlushCommands(false);
            List<CompletionStage<?>> added = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                added.add(connection
                        .async()
                        .xadd("rm:publish", "to", "rm.users.u" + i % users, "payload", Integer.toString(i)));
            }
            connection.flushCommands();
            added.forEach(Await::value);
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    private static long entries() {
        return REDIS.redis().exists("rm:publish") == 0 ? 0 : REDIS.redis().xlen("rm:publish");
    }

    private static void awaitAllDone() {
        Await.until("every entry is removed", Duration.ofSeconds(60), () -> entries() == 0);
    }

    private static void createGroup() {
        REDIS.redis()
                .xgroupCreate(
                        StreamOffset.from("rm:publish", "0"), "redmessenger", XGroupCreateArgs.Builder.mkstream());
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the array of one stream
    private static StreamOffset<String>[] lastConsumed() {
        return new StreamOffset[] {StreamOffset.lastConsumed("rm:publish")};
    }

    private static List<String> stored(String user) {
        return REDIS.redis().lrange("rm:users:" + user + ":messages", 0, -1);
    }

    private static String payload(String entry) {
        return entry.replaceFirst(".*\"payload\":\"([^\"]*)\".*", "$1");
    }

    private static String id(String entry) {
        return entry.replaceFirst("\\{\"id\":\"([^\"]*)\".*", "$1");
    }

    private static List<String> every(int step, int from, int to) {
        return IntStream.range(from, to)
                .filter(i -> i % step == from % step)
                .mapToObj(Integer::toString)
                .toList();
    }

    /** What a client shows that recognises repetitions by id. */
    private static List<String> shown(String user) {
        Map<String, String> byId = new LinkedHashMap<>();
        stored(user).forEach(entry -> byId.putIfAbsent(id(entry), payload(entry)));
        return List.copyOf(byId.values());
    }

    @Test
    void entriesShouldBeStoredInOrderPerRecipientAndRemoved() {
        storing("one");
        storing("two");
        storing("three");
        addAll(1_000, 5);
        awaitAllDone();
        for (int user = 0; user < 5; user++) {
            assertThat(stored("u" + user).stream().map(RedisStreamIT::payload)).isEqualTo(every(5, user, 1_000));
        }
        assertThat(nodes.stream()
                        .mapToLong(node -> node.count(Event.PUBLICATION_ACCEPTED))
                        .sum())
                .isEqualTo(1_000);
        assertThat(nodes.stream().filter(node -> !node.published.isEmpty())).hasSize(1);
        assertThat(REDIS.redis().xpending("rm:publish", "redmessenger").getCount())
                .isZero();
    }

    @Test
    void anEntryShouldBePublishedAtOnceAndNamedAfterItself() {
        Node node = storing("node");
        addTo("ann", "first");
        awaitAllDone();
        long before = System.nanoTime();
        String entry = addTo("ann", "second");
        Await.until("it is published", () -> node.published.size() == 2);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(700));
        assertThat(node.published.get(1).message().id().value()).isEqualTo(entry);
        assertThat(node.published.get(1).message().timestamp())
                .isEqualTo(Long.parseLong(entry.substring(0, entry.indexOf('-'))));
        assertThat(node.published.get(1).again()).isFalse();
    }

    @Test
    void entriesOfBeforeTheStartShouldBePublished() {
        addTo("ann", "early");
        Node node = storing("node");
        Await.until("it is published", () -> node.payloads().contains("early"));
        awaitAllDone();
    }

    @Test
    void whatADeadNodeHadTakenShouldBeTakenOverInOrder() {
        Node dying = node("dying");
        AtomicInteger count = new AtomicInteger();
        // stores, but the answers of the later half are lost
        dying.read(publication -> {
            CompletionStage<Publisher.Receipt> stored = dying.store(publication);
            return count.incrementAndGet() <= 300 ? stored : new CompletableFuture<>();
        });
        addAll(1_000, 5);
        Await.until("it hangs", () -> count.get() >= 305);
        Node survivor = storing("survivor");
        Await.value(dying.adapter.stop()); // without draining
        awaitAllDone();
        for (int user = 0; user < 5; user++) {
            assertThat(shown("u" + user)).isEqualTo(every(5, user, 1_000));
            assertThat(stored("u" + user).stream().map(RedisStreamIT::id)).doesNotHaveDuplicates();
        }
        assertThat(survivor.count(Event.PUBLICATION_TAKEN_OVER)).isPositive();
        assertThat(survivor.published.get(0).again()).isTrue();
    }

    @Test
    void aNodeThatStoodStillShouldNotTakeAnything() {
        Node old = storing("old");
        addTo("ann", "0");
        awaitAllDone();
        // another takes the lease away, as it may once the time of a node that stands still is over
        REDIS.redis().del("rm:lease:publish");
        Node next = storing("next");
        REDIS.redis()
                .set("rm:lease:publish", REDIS.redis().incr("rm:lease:publish:tokens") + " " + next.adapter.node());
        for (int i = 1; i <= 200; i++) {
            addTo("ann", Integer.toString(i));
        }
        awaitAllDone();
        assertThat(old.payloads()).containsExactly("0");
        assertThat(shown("ann")).isEqualTo(every(1, 0, 201));
    }

    @Test
    void drainingShouldFinishWhatIsBegunAndLeaveTheRestToTheNext() {
        Node leaving = node("leaving");
        CompletableFuture<Void> gate = new CompletableFuture<>();
        leaving.read(publication -> gate.thenCompose(open -> leaving.store(publication)));
        addAll(100, 5);
        Await.until("they are on their way", () -> leaving.published.size() == 5);
        CompletionStage<Void> drained = leaving.adapter.stopIngress();
        gate.complete(null);
        Await.value(drained);
        assertThat(leaving.published).hasSize(5);
        assertThat(entries()).isEqualTo(95);
        assertThat(REDIS.redis().exists("rm:lease:publish")).isZero();
        storing("next");
        awaitAllDone();
        for (int user = 0; user < 5; user++) {
            assertThat(stored("u" + user).stream().map(RedisStreamIT::payload)).isEqualTo(every(5, user, 100));
        }
    }

    @Test
    void anIdShouldMakeAPublicationOnce() {
        Node node = storing("node");
        Await.until("it reads", () -> REDIS.redis().exists("rm:publish") == 1);
        REDIS.redis().scriptFlush(); // so that remembering takes two attempts, and the next entry is begun meanwhile
        for (int i = 0; i < 3; i++) {
            add("to", "rm.users.ann", "payload", "once", "id", "order-17");
        }
        add("to", "rm.users.ann", "payload", "other", "id", "order-18");
        awaitAllDone();
        add("to", "rm.users.ann", "payload", "once", "id", "order-17");
        awaitAllDone();
        assertThat(stored("ann").stream().map(RedisStreamIT::payload)).containsExactly("once", "other");
        assertThat(stored("ann").stream().map(RedisStreamIT::id)).containsExactly("order-17", "order-18");
        assertThat(node.count(Event.PUBLICATION_REPEATED)).isEqualTo(3);
        List<String> remembered = REDIS.redis().keys("rm:published:*");
        assertThat(remembered).hasSize(2).allMatch(key -> key.matches("rm:published:[0-9a-f]{32}"));
        assertThat(REDIS.redis().pttl(remembered.get(0))).isBetween(86_000_000L, 86_400_000L);
        assertThat(REDIS.redis().exists("rm:dead")).isZero();
    }

    @Test
    void anIdShouldNotBeLostWhenItsFirstEntryWasNeverStored() {
        Node first = node("first");
        first.read(publication -> new CompletableFuture<>()); // dies before it has stored anything
        add("to", "rm.users.ann", "payload", "once", "id", "order-17");
        Await.until("it is begun", () -> first.published.size() == 1);
        Await.value(first.adapter.stop());
        storing("second");
        add("to", "rm.users.ann", "payload", "once", "id", "order-17");
        awaitAllDone();
        assertThat(stored("ann")).hasSize(1);
    }

    @Test
    void anIdThatNamesSomethingElseShouldBeADeadLetter() {
        storing("node");
        String first = add("to", "rm.users.ann", "payload", "x", "id", "order-17");
        awaitAllDone();
        add("to", "rm.users.bob", "payload", "y", "id", "order-17");
        awaitAllDone();
        assertThat(stored("bob")).isEmpty();
        assertThat(REDIS.redis().xrange("rm:dead", Range.unbounded()))
                .singleElement()
                .satisfies(letter -> assertThat(letter.getBody().get("reason")).contains(first, "rm.users.ann"));
    }

    @Test
    void aTtlShouldCountFromWhenTheEntryWasAdded() {
        Node node = node("node");
        long now = System.currentTimeMillis();
        REDIS.redis()
                .xadd(
                        "rm:publish",
                        XAddArgs.Builder.maxlen(100).id((now - 10_000) + "-0"),
                        Map.of("to", "rm.users.ann", "payload", "late", "ttl", "9000"));
        add("to", "rm.users.ann", "payload", "fresh", "ttl", "60000");
        node.read(node::store);
        awaitAllDone();
        assertThat(stored("ann")).singleElement().asString().contains("fresh", "\"ttl\":60000");
        assertThat(node.count(Event.EXPIRED)).isEqualTo(1);
    }

    @Test
    void whatCanNeverBePublishedShouldBeADeadLetterAtOnce() {
        Node node = storing("node");
        addTo("ann", "before");
        String noTo = add("payload", "x");
        add("to", "rm.users.a:b", "payload", "x");
        add("to", "rm.users.ann");
        add("to", "rm.users.ann", "payload", "x", "ttl", "soon");
        add("to", "rm.users.ann", "payload", "x", "id", "a b");
        add("to", "rm.users.ann", "payload", "x".repeat(1_001), "trace", "t".repeat(10_000));
        try (RedisClient client = RedisClient.create(REDIS.uri());
                var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            connection
                    .sync()
                    .xadd(
                            "rm:publish".getBytes(UTF_8),
                            "to".getBytes(UTF_8),
                            "rm.users.ann".getBytes(UTF_8),
                            "payload".getBytes(UTF_8),
                            new byte[] {'a', (byte) 0xff});
        }
        addTo("ann", "after");
        awaitAllDone();
        Await.until("the good ones are stored", () -> stored("ann").size() == 2);
        List<StreamMessage<String, String>> letters = REDIS.redis().xrange("rm:dead", Range.unbounded());
        assertThat(letters).hasSize(7);
        assertThat(letters.get(0).getBody())
                .containsEntry("payload", "x")
                .containsEntry("entry", noTo)
                .containsEntry("reason", "the field to is missing");
        assertThat(letters.get(5).getBody())
                .containsEntry("cut", "1")
                .containsEntry("trace", "t".repeat(4_096))
                .hasEntrySatisfying("reason", reason -> assertThat(reason).contains("max_message_bytes, 1000"));
        Await.until("all are counted", () -> node.count(Event.PUBLICATION_BURIED) == 7);
        assertThat(node.count(Event.PUBLICATION_BAD_ADDRESS)).isEqualTo(2);
        assertThat(node.count(Event.PUBLICATION_MALFORMED)).isEqualTo(3);
        assertThat(node.count(Event.PUBLICATION_TOO_LARGE)).isEqualTo(1);
        assertThat(node.count(Event.PUBLICATION_NOT_UTF8)).isEqualTo(1);
    }

    @Test
    void aRecipientWhoseKeyIsSomethingElseShouldBeADeadLetterAndHarmNobody() {
        Node node = node("node");
        node.read(publication -> publication.to().equals(new UserId("wrong"))
                ? CompletableFuture.completedFuture(new Publisher.Receipt(1, 0, 1))
                : publication.to().equals(new UserId("worse")) ? fail(ErrorCode.WRONG_KIND) : succeed());
        addTo("wrong", "a");
        addTo("worse", "b");
        addTo("ann", "c");
        awaitAllDone();
        assertThat(REDIS.redis().xlen("rm:dead")).isEqualTo(2);
        assertThat(node.published).hasSize(3);
    }

    @Test
    void aDefectShouldBeGivenUpAfterSomeTriesAndDelayItsRecipientOnly() {
        Node node = node("node");
        node.read(publication ->
                publication.message().payload().text().equals("poison") ? fail(ErrorCode.INTERNAL) : succeed());
        addTo("ann", "poison");
        addTo("ann", "behind");
        addTo("bob", "elsewhere");
        Await.until("the others are published", () -> node.payloads().contains("elsewhere"));
        assertThat(node.payloads()).doesNotContain("behind");
        Await.until("it is tried again", () -> node.published.size() >= 4);
        assertThat(node.published.get(node.published.size() - 1).again()).isTrue();
        assertThat(entries()).isEqualTo(2);
        awaitAllDone();
        assertThat(node.payloads()).contains("behind");
        assertThat(node.payloads().stream().filter("poison"::equals)).hasSize(8);
        assertThat(REDIS.redis().xrange("rm:dead", Range.unbounded()))
                .singleElement()
                .satisfies(letter -> assertThat(letter.getBody())
                        .containsEntry("payload", "poison")
                        .hasEntrySatisfying(
                                "reason", reason -> assertThat(reason).contains("as the test wants it")));
    }

    @Test
    void whatKillsEveryNodeThatBeginsItShouldBeADeadLetter() {
        Node node = node("node");
        createGroup();
        String poison = addTo("ann", "poison");
        addTo("bob", "behind");
        REDIS.redis().xreadgroup(Consumer.from("redmessenger", "reader"), lastConsumed());
        for (int i = 0; i < 16; i++) {
            assertThat(REDIS.redis()
                            .xclaim(
                                    "rm:publish",
                                    Consumer.from("redmessenger", "reader"),
                                    XClaimArgs.Builder.minIdleTime(0),
                                    poison))
                    .hasSize(1);
        }
        node.read(node::store);
        awaitAllDone();
        assertThat(node.payloads()).containsExactly("behind");
        assertThat(REDIS.redis().xrange("rm:dead", Range.unbounded()))
                .singleElement()
                .satisfies(letter -> assertThat(letter.getBody()).containsEntry("entry", poison));
    }

    @Test
    void deathsOfANodeShouldCountAgainstWhatItHadBegunOnly() {
        Node first = node("first");
        first.read(publication -> new CompletableFuture<>()); // never done with it
        addTo("ann", "begun");
        addTo("ann", "behind it");
        Await.until("it is begun", () -> first.published.size() == 1);
        for (int deaths = 1; deaths <= 2; deaths++) {
            nodes.forEach(node -> Await.value(node.adapter.stop()));
            nodes.clear();
            REDIS.redis().del("rm:lease:publish");
            Node next = node("next");
            next.read(publication -> new CompletableFuture<>());
            Await.until("it is begun again", () -> next.published.size() == 1);
        }
        assertThat(REDIS.redis().xpending("rm:publish", "redmessenger", Range.unbounded(), Limit.from(10)).stream()
                        .map(PendingMessage::getRedeliveryCount))
                .containsExactly(3L, 1L);
    }

    @Test
    void aFailureThatMayPassShouldDelayOnlyAndKeepOrder() {
        Node node = node("node");
        AtomicInteger failures = new AtomicInteger(3);
        node.read(publication -> publication.message().payload().text().equals("0") && failures.getAndDecrement() > 0
                ? fail(ErrorCode.STORE_REFUSED)
                : node.store(publication));
        addAll(50, 1);
        awaitAllDone();
        assertThat(stored("u0").stream().map(RedisStreamIT::payload)).isEqualTo(every(1, 0, 50));
        assertThat(node.payloads().subList(0, 4)).containsExactly("0", "0", "0", "0");
    }

    @Test
    void aPauseOfRedisShouldLoseAndReorderNothing() {
        storing("node");
        storing("other");
        addAll(500, 3);
        REDIS.pause();
        Await.until("the loss is noticed", () -> !nodes.get(0).adapter.signals().isStoreAvailable());
        REDIS.resume();
        addAll(500, 3);
        awaitAllDone();
        for (int user = 0; user < 3; user++) {
            List<String> expected = new ArrayList<>(every(3, user, 500));
            expected.addAll(every(3, user, 500));
            assertThat(shown("u" + user)).isEqualTo(expected);
        }
    }

    @Test
    void brokenConnectionsShouldLoseAndReorderNothing() {
        storing("node");
        addAll(6_000, 3);
        storing("other");
        int kills = 0;
        while (entries() > 0 && kills < 8) {
            REDIS.redis().clientKill(KillArgs.Builder.typeNormal().skipme());
            kills++;
            long left = entries();
            Await.until("it goes on", () -> entries() < left || left == 0);
        }
        assertThat(kills).isGreaterThan(3);
        awaitAllDone();
        for (int user = 0; user < 3; user++) {
            assertThat(shown("u" + user)).isEqualTo(every(3, user, 6_000));
        }
        assertThat(REDIS.redis().exists("rm:dead")).isZero();
    }

    @Test
    void anEntryWhoseAnswerWasLostShouldNotBePassed() {
        Node node = storing("node");
        addTo("ann", "0");
        awaitAllDone();
        // as when a call of the node's is carried out, but the connection breaks before the answer
        REDIS.redis().multi();
        addTo("ann", "1");
        REDIS.redis().xreadgroup(Consumer.from("redmessenger", "reader"), lastConsumed());
        addTo("ann", "2");
        assertThat(REDIS.redis().exec()).hasSize(3);
        awaitAllDone();
        assertThat(stored("ann").stream().map(RedisStreamIT::payload)).containsExactly("0", "1", "2");
        assertThat(node.count(Event.PUBLICATION_TAKEN_OVER)).isEqualTo(1);
    }

    @Test
    void theGroupShouldBeMadeAgainWhenItIsRemoved() {
        Node node = storing("node");
        addAll(200, 2);
        awaitAllDone();
        REDIS.redis().xgroupDestroy("rm:publish", "redmessenger");
        addTo("ann", "after the group");
        Await.until("it is published", () -> node.payloads().contains("after the group"));
        REDIS.redis().del("rm:publish");
        addTo("ann", "after the stream");
        Await.until("it is published", () -> node.payloads().contains("after the stream"));
        awaitAllDone();
        assertThat(node.payloads()).hasSize(202);
    }

    @Test
    void somethingElseUnderTheNameShouldCloseThisWayInOnly() {
        REDIS.redis().set("rm:publish", "a string");
        Node node = storing("node");
        Await.until("live publications pass", () -> REDIS.redis().publish("rm.users.ann", "live") == 1);
        Await.until("it is stored", () -> stored("ann").size() == 1);
        assertThat(REDIS.redis().get("rm:publish")).isEqualTo("a string");
        REDIS.redis().del("rm:publish");
        addTo("ann", "durable");
        Await.until("it is published", () -> node.payloads().contains("durable"));
        awaitAllDone();
    }

    @Test
    void aBacklogShouldBeWorkedOffWhileLivePublicationsStayQuick() {
        addAll(10_000, 50);
        Node node = storing("node");
        List<Long> latencies = new ArrayList<>();
        while (entries() > 0) {
            String payload = "live " + latencies.size();
            long before = System.nanoTime();
            REDIS.redis().publish("rm.users.live", payload);
            Await.until("it is stored", () -> stored("live").size() > latencies.size());
            latencies.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
        }
        assertThat(node.count(Event.PUBLICATION_ACCEPTED)).isEqualTo(10_000 + latencies.size());
        assertThat(latencies).hasSizeGreaterThan(5);
        List<Long> sorted = latencies.stream().sorted().toList();
        assertThat(sorted.get(sorted.size() / 2)).as("median of %s", latencies).isLessThan(200);
        for (int user = 0; user < 50; user++) {
            assertThat(stored("u" + user).stream().map(RedisStreamIT::payload)).isEqualTo(every(50, user, 10_000));
        }
    }

    @Test
    void whatAStrangerHasTakenShouldBeTakenOverByTheNextReader() {
        createGroup();
        addTo("ann", "0");
        addTo("ann", "1");
        REDIS.redis().xreadgroup(Consumer.from("redmessenger", "stranger"), lastConsumed());
        addTo("ann", "2");
        storing("node");
        awaitAllDone();
        assertThat(new LinkedHashSet<>(shown("ann"))).containsExactly("0", "1", "2");
    }
}

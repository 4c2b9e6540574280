package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.application.contract.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job. Every test has users of its own on one server. */
class DeliveryE2eIT {

    private static ServerProcess server;
    private static Backend backend;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir, "--queue-limit", "1000000");
        backend = new Backend(server);
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    @Test
    void messageShouldReachWhoIsConnectedAtOnce() {
        try (Client client = Client.connect(server, Client.identify("ann"))) {
            assertThat(client.notice("ready").path("pending").asInt()).isZero();
            long before = System.currentTimeMillis();
            backend.publish("rm.users.ann", "Hello, world!");
            JsonNode message = client.await(1).get(0);
            assertThat(message.path("payload").textValue()).isEqualTo("Hello, world!");
            assertThat(message.path("source").textValue()).isEqualTo("rm.users.ann");
            assertThat(message.path("timestamp").asLong()).isBetween(before, System.currentTimeMillis());
            assertThat(message.path("bubble").asBoolean()).isTrue();
            assertThat(message.path("id").textValue()).isNotEmpty();
            assertThat(message.has("redelivered")).isFalse();
        }
    }

    @Test
    void messagesShouldWaitWhileNobodyIsThereAndComeInOrderBeforeLiveOnes() {
        backend.publishAll("rm.users.bob", numbered(0, 2_500));
        Await.until("stored", () -> backend.waiting("bob") == 2_500);
        String oldest = backend.redis().lindex("rm:users:bob:messages", 0);
        assertThat(oldest)
                .startsWith("{\"id\":\"")
                .contains("\"payload\":\"0\"")
                .doesNotContain("bubble");
        try (Client client = Client.connect(server, "bob")) {
            backend.publishAll("rm.users.bob", numbered(2_500, 3_000));
            client.await(3_000);
            assertThat(client.payloads()).isEqualTo(numbered(0, 3_000));
            assertThat(client.received()).allMatch(frame -> frame.has("payload"));
            Await.until("all acknowledged", () -> backend.waiting("bob") == 0);
        }
        Await.until("no trace", () -> backend.redis().keys("rm:users:bob:*").isEmpty());
    }

    @Test
    void payloadsShouldArriveUnchangedInEveryTab() {
        List<String> payloads =
                List.of("100%", "😀 ☃ é", "%20", "\"quoted\" \\ \n\t\u0000", "<b>&amp;</b>", "", "{\"a\":1}");
        try (Client first = Client.connect(server, "cleo");
                Client second = Client.connect(server, Client.identify("cleo"))) {
            second.notice("ready");
            payloads.forEach(payload -> backend.publish("rm.users.cleo", payload));
            first.await(payloads.size());
            second.await(payloads.size());
            assertThat(first.payloads()).isEqualTo(payloads);
            assertThat(second.payloads()).isEqualTo(payloads);
        }
    }

    @Test
    void bubbleShouldBeTrueInTheOldestTabOnlyAndBePassedOn() {
        Client first = Client.connect(server, Client.identify("dora"));
        first.notice("ready");
        try (Client second = Client.connect(server, Client.identify("dora"))) {
            second.notice("ready");
            backend.publish("rm.users.dora", "one");
            assertThat(first.await(1).get(0).path("bubble").asBoolean()).isTrue();
            assertThat(second.await(1).get(0).path("bubble").asBoolean()).isFalse();
            first.close();
            first.closed();
            Await.until("bubble is passed on", () -> {
                int before = second.messages().size();
                backend.publish("rm.users.dora", "again");
                return second.await(before + 1).get(before).path("bubble").asBoolean();
            });
        }
    }

    @Test
    void everyTabShouldGetEverythingUnderLoad() {
        try (Client first = Client.connect(server, Client.identify("ed"));
                Client second = Client.connect(server, Client.identify("ed"))) {
            first.notice("ready");
            second.notice("ready");
            backend.publishAll("rm.users.ed", numbered(0, 20_000));
            first.await(20_000);
            second.await(20_000);
            assertThat(first.payloads()).isEqualTo(numbered(0, 20_000));
            assertThat(second.payloads()).isEqualTo(numbered(0, 20_000));
            assertThat(first.messages()).noneMatch(message -> message.has("redelivered"));
            assertThat(second.messages()).noneMatch(message -> message.has("redelivered"));
        }
    }

    @Test
    void channelShouldReachEveryMemberOnlineOrNot() {
        backend.redis().sadd("rm:channels:cats:subscribers", "fay", "gus", "not a user id");
        try (Client fay = Client.connect(server, Client.identify("fay"))) {
            fay.notice("ready");
            backend.publish("rm.users.fay", "first");
            backend.publish("rm.channels.cats", "Meow");
            backend.publish("rm.users.fay", "last");
            assertThat(fay.await(3))
                    .extracting(message -> message.path("source").textValue())
                    .containsExactly("rm.users.fay", "rm.channels.cats", "rm.users.fay");
        }
        Await.until("gus' copy waits", () -> backend.waiting("gus") == 1);
        try (Client gus = Client.connect(server, "gus")) {
            assertThat(gus.await(1).get(0).path("source").textValue()).isEqualTo("rm.channels.cats");
        }
    }

    @Test
    void explicitAcknowledgementShouldRemoveThatMessageAndAllBefore() {
        backend.publishAll("rm.users.hal", numbered(0, 10));
        Await.until("stored", () -> backend.waiting("hal") == 10);
        Client first = Client.connect(server, Client.identifyExplicit("hal"));
        assertThat(first.notice("ready").path("pending").asInt()).isEqualTo(10);
        first.acknowledge(first.await(4).get(2));
        Await.until("three are gone", () -> backend.waiting("hal") == 7);
        first.abort();
        try (Client second = Client.connect(server, Client.identify("hal"))) {
            List<JsonNode> again = second.await(7);
            assertThat(second.payloads()).isEqualTo(numbered(3, 10));
            assertThat(again.get(0).path("redelivered").asBoolean()).isTrue();
            assertThat(again.get(0).path("id"))
                    .isEqualTo(first.messages().get(3).path("id"));
        }
    }

    @Test
    void entriesOfTheOriginalShouldBeDelivered() {
        String key = "rm:users:ida:messages";
        String entry = "{\"source\":\"rm.users.ida\",\"timestamp\":1438480701712,\"bubble\":true,\"payload\":\"%s\"}";
        backend.redis()
                .rpush(key, entry.replace("%s", "100%25%20%E2%98%83%2F"), entry.replace("%s", "100%"), "rubbish");
        backend.publish("rm.users.ida", "new");
        try (Client client = Client.connect(server, "ida")) {
            client.await(3);
            assertThat(client.payloads()).containsExactly("100% ☃%2F", "100%", "new");
            assertThat(client.messages())
                    .allMatch(message -> !message.path("id").asText().isEmpty());
            assertThat(client.messages().get(0).path("timestamp").asLong()).isEqualTo(1438480701712L);
            Await.until("all acknowledged", () -> backend.waiting("ida") == 0);
        }
    }

    @Test
    void badPublicationsShouldBeCountedAndHarmNobody() {
        String tooLarge = "x".repeat(70_000);
        backend.redis().set("rm:users:wrong:messages", "a string");
        backend.redis().set("rm:channels:wrong:subscribers", "a string");
        backend.redis().sadd("rm:channels:mixed:subscribers", "wrong", "kim");
        long badAddresses = backend.metric("publication_bad_address_total");
        long wrongKinds = backend.metric("wrong_kind_total");
        for (String channel : List.of("rm.users.", "rm.users.a:b", "rm.channels.*", "rm.unknown", "rm.users.ü")) {
            backend.publish(channel, "x");
        }
        backend.publishBytes("rm.users.kim", new byte[] {(byte) 0xc3, 0x28});
        backend.publish("rm.users.kim", tooLarge);
        backend.publish("rm.users.wrong", "x");
        backend.publish("rm.channels.wrong", "x");
        backend.publish("rm.channels.mixed", "for kim");
        try (Client kim = Client.connect(server, "kim")) {
            assertThat(kim.await(1).get(0).path("payload").textValue()).isEqualTo("for kim");
        }
        Await.until("all are counted", () -> backend.metric("wrong_kind_total") == wrongKinds + 3);
        assertThat(backend.metric("publication_bad_address_total")).isEqualTo(badAddresses + 5);
        assertThat(backend.metric("publication_not_utf8_total")).isEqualTo(1);
        assertThat(backend.metric("publication_too_large_total")).isEqualTo(1);
        try (Client wrong = Client.connect(server, Client.identify("wrong"))) {
            assertThat(wrong.closed().code()).isEqualTo(1011);
            assertThat(wrong.notice("error").path("code").asText()).isEqualTo("inbox_unreadable");
        }
        assertThat(backend.redis().get("rm:users:wrong:messages")).isEqualTo("a string");
    }

    @Test
    void largeChannelShouldNotBlockRedis() {
        int members = 100_000;
        for (int from = 0; from < members; from += 10_000) {
            String[] some = IntStream.range(from, from + 10_000)
                    .mapToObj(i -> "crowd" + i)
                    .toArray(String[]::new);
            backend.redis().sadd("rm:channels:crowd:subscribers", some);
        }
        backend.redis().configSet("slowlog-log-slower-than", "10000");
        backend.redis().configSet("slowlog-max-len", "100000");
        backend.redis().configResetstat();
        backend.redis().slowlogReset();
        long stored = backend.metric("stored_total");
        backend.publish("rm.channels.crowd", "all of you");
        backend.publish("rm.channels.crowd", "and once more");
        Await.until(
                "all have it", Duration.ofSeconds(60), () -> backend.metric("stored_total") >= stored + 2L * members);
        long calls = backend.redis()
                .info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_evalsha:"))
                .mapToLong(line -> Long.parseLong(line.replaceFirst("cmdstat_evalsha:calls=(\\d+),.*", "$1")))
                .sum();
        assertThat(calls).as("the members are stored bit by bit").isGreaterThan(1_000);
        assertThat(backend.redis().slowlogLen())
                .as("calls that took Redis more than 10 ms, of " + calls + "; a busy machine makes a few")
                .isLessThan(calls / 50);
        try (Client last = Client.connect(server, "crowd99999")) {
            last.await(2);
            assertThat(last.payloads()).containsExactly("all of you", "and once more");
        }
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }
}

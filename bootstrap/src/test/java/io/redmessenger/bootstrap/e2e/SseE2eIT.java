package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.bootstrap.e2e.EventSource.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Server-sent events on the real server. Every test has users of its own. */
class SseE2eIT {

    private static ServerProcess server;
    private static Backend backend;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir, "--queue-limit", "10000", "--secure-mode");
        backend = new Backend(server);
        for (String user : new String[] {"ann", "bob", "cleo", "dora", "eve", "fay", "gus"}) {
            backend.redis().set("rm:users:" + user + ":key", "secret:of:" + user);
        }
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    private static String as(String user) {
        return "uid=" + user + "&token=secret%3Aof%3A" + user;
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static void store(String user, int from, int to) {
        backend.publishAll("rm.users." + user, numbered(from, to));
        Await.until("stored", () -> backend.waiting(user) == to - from);
    }

    @Test
    void aBacklogOfAThousandShouldComeInOrderBeforeLiveOnes() {
        store("ann", 0, 1_000);
        try (EventSource source = EventSource.open(server, as("ann"))) {
            assertThat(source.notice("ready").path("pending").asInt()).isEqualTo(1_000);
            backend.publishAll("rm.users.ann", numbered(1_000, 1_500));
            List<Event> messages = source.await(1_500);
            assertThat(source.payloads()).isEqualTo(numbered(0, 1_500));
            assertThat(messages)
                    .allSatisfy(message -> assertThat(message.id())
                            .isEqualTo(message.data().path("id").textValue()));
            assertThat(backend.waiting("ann")).as("nothing is acknowledged").isEqualTo(1_500);
        }
    }

    @Test
    void aMessageShouldComeAtOnceToWhoListens() {
        try (EventSource source = EventSource.open(server, as("bob"))) {
            backend.publish("rm.users.bob", "Hello, 😀\n\nid: x");
            Event message = source.await(1).get(0);
            assertThat(message.payload()).isEqualTo("Hello, 😀\n\nid: x");
            assertThat(message.data().path("source").textValue()).isEqualTo("rm.users.bob");
            assertThat(message.data().path("bubble").booleanValue()).isTrue();
            assertThat(message.data().has("redelivered")).isFalse();
        }
    }

    @Test
    void twoTabsShouldHaveOneBubbleWhateverTheirTransport() {
        EventSource first = EventSource.open(server, as("cleo"));
        try (EventSource second = EventSource.open(server, as("cleo"));
                Client third =
                        Client.connect(server, "{\"type\":\"identify\",\"uid\":\"cleo\",\"key\":\"secret:of:cleo\"}")) {
            third.notice("ready");
            backend.publish("rm.users.cleo", "one");
            assertThat(first.await(1).get(0).data().path("bubble").booleanValue())
                    .isTrue();
            assertThat(second.await(1).get(0).data().path("bubble").booleanValue())
                    .isFalse();
            assertThat(third.await(1).get(0).path("bubble").booleanValue()).isFalse();
            first.close();
            Await.until("the bubble is passed on", () -> {
                int before = second.messages().size();
                backend.publish("rm.users.cleo", "again");
                return second.await(before + 1)
                        .get(before)
                        .data()
                        .path("bubble")
                        .booleanValue();
            });
            Await.until("the WebSocket has acknowledged for all", () -> backend.waiting("cleo") == 0);
        }
    }

    @Test
    void whoIsCutOffShouldResumeWithoutAGapAndWithoutARepetition() {
        store("dora", 0, 1_000);
        List<String> seen = new ArrayList<>();
        String last = "";
        for (int cut : new int[] {1, 10, 337, 400}) {
            EventSource source = last.isEmpty()
                    ? EventSource.cutAfter(cut, server, as("dora"))
                    : EventSource.cutAfter(cut, server, as("dora"), "Last-Event-ID", last);
            source.awaitEnd();
            seen.addAll(source.payloads());
            last = source.messages().get(cut - 1).id();
        }
        backend.publishAll("rm.users.dora", numbered(1_000, 1_010));
        try (EventSource source = EventSource.open(server, as("dora"), "Last-Event-ID", last)) {
            source.await(1_010 - seen.size());
            seen.addAll(source.payloads());
            assertThat(seen).isEqualTo(numbered(0, 1_010));
            last = source.messages().get(source.messages().size() - 1).id();
        }
        try (EventSource source = EventSource.open(server, as("dora") + "&lastEventId=" + last)) {
            assertThat(source.notice("ready").path("pending").asInt()).isZero();
            Await.until("all is acknowledged", () -> backend.waiting("dora") == 0);
        }
    }

    @Test
    void whoDoesNotSayWhatItHasShouldGetItAgain() {
        store("eve", 0, 20);
        EventSource first = EventSource.cutAfter(20, server, as("eve"));
        first.awaitEnd();
        Await.until("it is gone", () -> {
            try (EventSource second = EventSource.open(server, as("eve"))) {
                second.await(20);
                assertThat(second.payloads()).isEqualTo(numbered(0, 20));
                assertThat(second.messages())
                        .extracting(Event::id)
                        .isEqualTo(first.messages().stream().map(Event::id).toList());
                return second.messages().stream()
                        .allMatch(message -> message.data().path("redelivered").booleanValue());
            }
        });
    }

    @Test
    void aWrongKeyShouldBeUnauthorized() {
        assertThat(EventSource.status(server, "uid=fay")).isEqualTo(401);
        assertThat(EventSource.status(server, "uid=fay&token=wrong")).isEqualTo(401);
        assertThat(EventSource.status(server, "uid=fay", "Authorization", "Bearer secret:of:gus"))
                .isEqualTo(401);
        assertThat(EventSource.status(server, "uid=nobody&token=x")).isEqualTo(401);
        assertThat(EventSource.status(server, "uid=a:b&token=x")).isEqualTo(400);
        EventSource.open(server, "uid=fay", "Authorization", "Bearer secret:of:fay")
                .close();
    }

    @Test
    void aServerThatStopsShouldSayWhenToComeBackAndLoseNothing(@TempDir Path dataDir) {
        ServerProcess other = ServerProcess.start(dataDir, "--drain-seconds", "1");
        EventSource source = EventSource.open(other, "uid=gus");
        try (Backend otherBackend = new Backend(other)) {
            otherBackend.publish("rm.users.gus", "one");
            source.await(1);
        }
        assertThat(other.terminate()).isZero();
        assertThat(source.notice("rm_error").path("code").textValue()).isEqualTo("going_away");
        source.awaitEnd();
        try (ServerProcess again = ServerProcess.start(dataDir);
                EventSource next = EventSource.open(again, "uid=gus")) {
            Event message = next.await(1).get(0);
            assertThat(message.payload()).isEqualTo("one");
            assertThat(message.data().path("redelivered").booleanValue()).isTrue();
        }
    }
}

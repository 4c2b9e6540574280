package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lettuce.core.Range;
import io.redmessenger.application.contract.Await;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The durable way in: {@code XADD rm:publish}. */
class StreamE2eIT {

    @TempDir
    private Path dataDir;

    private static String add(Backend backend, String... fieldsAndValues) {
        return backend.redis().xadd("rm:publish", (Object[]) fieldsAndValues);
    }

    private static void awaitAllDone(Backend backend) {
        Await.until("every entry is removed", () -> backend.redis().xlen("rm:publish") == 0);
    }

    @Test
    void whatIsAddedWhileTheServerIsDownShouldReachTheClientInOrder() {
        ServerProcess first = ServerProcess.start(dataDir);
        Backend backend = new Backend(first);
        first.kill(); // its Redis lives on
        List<String> expected =
                IntStream.range(0, 500).mapToObj(Integer::toString).toList();
        expected.forEach(payload -> add(backend, "to", "rm.users.ann", "payload", payload));
        try (ServerProcess second = ServerProcess.start(dataDir);
                Client client = Client.connect(second, Client.identify("ann"))) {
            client.await(500);
            assertThat(client.payloads()).isEqualTo(expected);
            awaitAllDone(backend);
            Await.until("all acknowledged", () -> backend.waiting("ann") == 0);
            backend.close();
        }
    }

    @Test
    void aServerThatIsKilledShouldLoseNothingOfTheStream() {
        ServerProcess first = ServerProcess.start(dataDir, "--queue-limit", "10000");
        Backend backend = new Backend(first);
        List<String> expected =
                IntStream.range(0, 5_000).mapToObj(Integer::toString).toList();
        for (String payload : expected) {
            add(backend, "to", "rm.users.ann", "payload", payload);
            if (payload.equals("2500")) {
                first.kill();
            }
        }
        try (ServerProcess second = ServerProcess.start(dataDir, "--queue-limit", "10000");
                Client client = Client.connect(second, Client.identify("ann"))) {
            Await.until("all are there", () -> distinct(client.messages()).size() == 5_000);
            assertThat(distinct(client.messages())).isEqualTo(expected);
            awaitAllDone(backend);
            backend.close();
        }
    }

    /** What a client shows that recognises repetitions by id. */
    private static List<String> distinct(List<JsonNode> messages) {
        Map<String, String> byId = new LinkedHashMap<>();
        messages.forEach(message -> byId.putIfAbsent(
                message.path("id").textValue(), message.path("payload").textValue()));
        return List.copyOf(byId.values());
    }

    @Test
    void idTtlAndChannelsShouldWorkAndBadEntriesBeDeadLetters() {
        try (ServerProcess server = ServerProcess.start(dataDir);
                Backend backend = new Backend(server);
                Client client = Client.connect(server, Client.identify("ann"))) {
            client.notice("ready");
            backend.redis().sadd("rm:channels:cats:subscribers", "ann");
            add(backend, "to", "rm.users.ann", "payload", "100% ☃", "id", "order-17", "ttl", "60000");
            add(backend, "to", "rm.users.ann", "payload", "100% ☃", "id", "order-17", "ttl", "60000");
            String bad = add(backend, "to", "rm.users.a:b", "payload", "x");
            awaitAllDone(backend);
            add(backend, "to", "rm.channels.cats", "payload", "Meow");
            client.await(2);
            assertThat(client.payloads()).containsExactly("100% ☃", "Meow");
            assertThat(client.messages().get(0).path("id").asText()).isEqualTo("order-17");
            assertThat(client.messages().get(0).path("bubble").asBoolean()).isTrue();
            assertThat(client.messages().get(1).path("source").asText()).isEqualTo("rm.channels.cats");
            assertThat(backend.redis().xrange("rm:dead", Range.unbounded()))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.getBody())
                            .containsEntry("entry", bad)
                            .containsKey("reason"));
            Await.until("it is counted", () -> backend.metric("publication_buried_total") == 1);
            assertThat(backend.metric("publication_repeated_total")).isEqualTo(1);
        }
    }

    @Test
    void aStopShouldLeaveNothingHalfDone() {
        ServerProcess server = ServerProcess.start(dataDir, "--drain-seconds", "0.1");
        Backend backend = new Backend(server);
        for (int i = 0; i < 100; i++) {
            add(backend, "to", "rm.users.ann", "payload", Integer.toString(i));
        }
        awaitAllDone(backend);
        assertThat(backend.waiting("ann")).isEqualTo(100);
        assertThat(backend.redis().exists("rm:lease:publish")).isEqualTo(1);
        backend.close();
        assertThat(server.terminate()).isZero();
        assertThat(server.log()).doesNotContain("did not stop cleanly");
    }
}

package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever dies, nothing accepted is lost. */
class FaultsE2eIT {

    @TempDir
    private Path dataDir;

    @Test
    void killedServerShouldLoseNothingOfAHalfDeliveredBacklog() {
        List<String> expected = numbered(1_000);
        List<String> shown = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        ServerProcess first = ServerProcess.start(dataDir);
        try (Backend backend = new Backend(first)) {
            backend.publishAll("rm.users.ann", expected);
            Await.until("stored", () -> backend.waiting("ann") == 1_000);
            Client client = Client.connect(first, Client.identifyExplicit("ann"));
            while (shown.size() < 400) {
                JsonNode next = client.await(shown.size() + 1).get(shown.size());
                shown.add(next.path("payload").textValue());
                ids.add(next.path("id").textValue());
                client.acknowledge(next);
            }
            Await.until("acknowledged", () -> backend.waiting("ann") <= 600);
            first.kill();
        }
        try (ServerProcess second = ServerProcess.start(dataDir);
                Backend backend = new Backend(second);
                Client client = Client.connect(second, "ann")) {
            List<JsonNode> rest = client.await(600);
            assertThat(client.payloads()).isEqualTo(expected.subList(400, 1_000));
            assertThat(rest.get(0).path("redelivered").asBoolean()).isTrue();
            assertThat(shown).isEqualTo(expected.subList(0, 400));
            rest.forEach(
                    message -> assertThat(ids).doesNotContain(message.path("id").textValue()));
            Await.until("all acknowledged", () -> backend.waiting("ann") == 0);
        }
    }

    @Test
    void clientThatNeverAnswersPingsShouldNotCountAsReached() throws IOException {
        try (ServerProcess server = ServerProcess.start(dataDir, "--ping-interval=0.5", "--ping-timeout=0.5");
                Backend backend = new Backend(server);
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String handshake = String.join(
                    "\r\n",
                    "GET /rm HTTP/1.1",
                    "Host: localhost",
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Sec-WebSocket-Version: 13",
                    "",
                    "");
            silent.getOutputStream().write(handshake.getBytes(StandardCharsets.US_ASCII));
            // a masked text frame "ann", with a mask of zeros
            silent.getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x83, 0, 0, 0, 0, 'a', 'n', 'n'});
            Await.until("let in", () -> backend.metric("session_opened_total") == 1);
            backend.publish("rm.users.ann", "one");
            backend.publish("rm.users.ann", "two");
            silent.setSoTimeout(20_000);
            InputStream in = silent.getInputStream();
            String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).contains("\"payload\":\"one\"").contains("\"payload\":\"two\"");
            assertThat(backend.waiting("ann")).isEqualTo(2);
            assertThat(backend.metric("ping_timeout_total")).isEqualTo(1);
            try (Client client = Client.connect(server, "ann")) {
                List<JsonNode> again = client.await(2);
                assertThat(client.payloads()).containsExactly("one", "two");
                assertThat(again)
                        .allMatch(message -> message.path("redelivered").asBoolean());
                Await.until("all acknowledged", () -> backend.waiting("ann") == 0);
            }
        }
    }

    @Test
    void slowReaderShouldCostNoMemoryAndDelayNobody() {
        try (ServerProcess server = ServerProcess.start(
                        dataDir, List.of("-Xmx96m", "-XX:MaxDirectMemorySize=16m"), "--queue-limit=20000");
                Backend backend = new Backend(server);
                Client slow = Client.slow(server, Client.identify("slow"), Duration.ofSeconds(1));
                Client quick = Client.connect(server, Client.identify("quick"))) {
            quick.notice("ready");
            slow.notice("ready");
            backend.publishAll("rm.users.quick", numbered(100));
            quick.await(100);
            long before = server.liveHeapKilobytes();
            String padding = "x".repeat(8_000);
            for (int from = 0; from < 10_000; from += 500) {
                backend.publishAll(
                        "rm.users.slow",
                        IntStream.range(from, from + 500)
                                .mapToObj(i -> i + " " + padding)
                                .toList());
                int published = from + 600;
                Await.until("stored", () -> backend.metric("stored_total") >= published);
            }
            Await.until("stored", Duration.ofSeconds(60), () -> backend.metric("stored_total") >= 10_100);
            int quickBefore = quick.messages().size();
            backend.publish("rm.users.quick", "no delay");
            quick.await(quickBefore + 1, Duration.ofSeconds(5));
            slow.await(6);
            assertThat(slow.isOpen()).isTrue();
            assertThat(slow.payloads()).isEqualTo(numberedWith(slow.messages().size(), padding));
            assertThat(backend.waiting("slow")).isGreaterThan(9_900);
            assertThat(server.liveHeapKilobytes() - before)
                    .as("growth of the live heap in KiB while 80 MB wait")
                    .isLessThan(5_000);
            slow.abort();
            try (Client again = Client.connect(server, Client.identify("slow"))) {
                int left = again.notice("ready").path("pending").asInt();
                again.await(left, Duration.ofSeconds(60));
                List<String> all = numberedWith(10_000, padding);
                assertThat(again.payloads()).isEqualTo(all.subList(10_000 - left, 10_000));
            }
        }
    }

    @Test
    void connectionsShouldSurviveTheDeathOfRedis() {
        try (ServerProcess server = ServerProcess.start(dataDir);
                Backend backend = new Backend(server);
                Client client = Client.connect(server, Client.identify("ann"))) {
            client.notice("ready");
            backend.publish("rm.users.ann", "before");
            client.await(1);
            backend.publish("rm.users.bob", "waits");
            Await.until("stored", () -> backend.waiting("bob") == 1);
            backend.redis().bgrewriteaof();
            Await.until(
                    "on disk",
                    () -> System.nanoTime() > 0
                            && backend.redis().info("persistence").contains("aof_rewrite_in_progress:0"));
            server.redis().destroyForcibly();
            Await.until("messages flow again", () -> {
                try {
                    backend.publish("rm.users.ann", "after");
                    return client.payloads().contains("after");
                } catch (RuntimeException | AssertionError e) {
                    return false;
                }
            });
            assertThat(client.isOpen()).isTrue();
            try (Client bob = Client.connect(server, Client.identify("bob"))) {
                assertThat(bob.await(1).get(0).path("payload").textValue()).isEqualTo("waits");
            }
        }
    }

    @Test
    void newConnectionsShouldBeTurnedAwayWhileRedisHangs() {
        try (ServerProcess server = ServerProcess.start(dataDir);
                Backend backend = new Backend(server);
                Client client = Client.connect(server, Client.identify("ann"))) {
            client.notice("ready");
            ProcessHandle redis = server.redis();
            ServerProcess.signal(redis, "STOP");
            try {
                Client turnedAway = Client.connect(server, Client.identify("bob"));
                assertThat(turnedAway.closed().code()).isEqualTo(1013);
                assertThat(turnedAway.notice("error").path("retryable").asBoolean())
                        .isTrue();
                assertThat(client.isOpen()).isTrue();
            } finally {
                ServerProcess.signal(redis, "CONT");
            }
            Await.until("messages flow again", () -> {
                backend.redis().publish("rm.users.ann", "after"); // to nobody, while it subscribes anew
                return client.payloads().contains("after");
            });
            Await.until("new connections are let in", () -> {
                try (Client bob = Client.connect(server, Client.identify("bob"))) {
                    Await.until("an answer", () -> !bob.received().isEmpty());
                    return bob.received().get(0).path("type").asText().equals("ready");
                }
            });
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void terminatedServerShouldCloseItsConnectionsPolitelyAndLoseNothing() {
        ServerProcess server = ServerProcess.start(dataDir, "--drain-seconds=1");
        try (Backend backend = new Backend(server);
                Client client = Client.connect(server, Client.identifyExplicit("ann"))) {
            client.notice("ready");
            backend.publish("rm.users.ann", "not acknowledged");
            client.await(1);
            assertThat(server.terminate()).isZero();
            assertThat(client.closed().code()).isEqualTo(1001);
            assertThat(client.closed().reason()).matches("retry-after=\\d+");
        }
        try (ServerProcess next = ServerProcess.start(dataDir);
                Client client = Client.connect(next, Client.identify("ann"))) {
            JsonNode message = client.await(1).get(0);
            assertThat(message.path("payload").textValue()).isEqualTo("not acknowledged");
            assertThat(message.path("redelivered").asBoolean()).isTrue();
        }
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static List<String> numberedWith(int count, String padding) {
        return IntStream.range(0, count).mapToObj(i -> i + " " + padding).toList();
    }
}

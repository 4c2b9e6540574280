package io.redmessenger.bootstrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class ListenCommandTest {

    private static final String IDENTIFY = "{\"type\":\"identify\",\"uid\":\"user1\",\"ack\":\"explicit\"}";
    private static final String READY = "{\"type\":\"ready\",\"uid\":\"user1\",\"pending\":2}";

    private final Cli cli = new Cli();
    private final FakeServer server;

    ListenCommandTest() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void listenShouldPrintAndThenAcknowledge() throws Exception {
        CompletableFuture<Integer> code = listen("--count", "2");
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.request()).isEqualTo("GET /rm HTTP/1.1");
            assertThat(peer.read()).isEqualTo(IDENTIFY);
            peer.say(READY);
            peer.say("{\"type\":\"missed\",\"count\":3}");
            peer.say(message("a", "one\\ntwo"));
            assertThat(peer.read()).isEqualTo("{\"type\":\"ack\",\"id\":\"a\"}");
            assertThat(cli.out()).isEqualTo("one\\ntwo\n");
            peer.say(message("a", "one\\ntwo"));
            assertThat(peer.read())
                    .as("a message seen twice is printed once")
                    .isEqualTo("{\"type\":\"ack\",\"id\":\"a\"}");
            peer.say(message("b", "ü 100%"));
            assertThat(peer.read()).isEqualTo("{\"type\":\"ack\",\"id\":\"b\"}");
            assertThat(peer.read()).isEqualTo("close 1000");
            peer.end(1000, "");
        }
        assertThat(code.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(cli.out()).isEqualTo("one\\ntwo\nü 100%\n");
        assertThat(cli.err()).hasToString("""
                connected as user1, 2 waiting
                missed 3: the inbox was full, and its oldest messages were dropped
                """);
    }

    @Test
    void listenShouldPrintJsonAndSendTheKey() throws Exception {
        CompletableFuture<Integer> code = listen("--count", "1", "--json", "--key", "ge\"heim");
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.read())
                    .isEqualTo("{\"type\":\"identify\",\"uid\":\"user1\",\"key\":\"ge\\\"heim\",\"ack\":\"explicit\"}");
            peer.say(message("a", "x".repeat(1000)));
            assertThat(peer.read()).contains("ack");
            assertThat(peer.read()).isEqualTo("close 1000");
            peer.end(1000, "");
        }
        assertThat(code.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(cli.out()).isEqualTo(message("a", "x".repeat(1000)) + "\n");
    }

    @Test
    void listenShouldConnectAgain() throws Exception {
        CompletableFuture<Integer> code = listen("--count", "1");
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.read()).isEqualTo(IDENTIFY);
            peer.say(READY);
            peer.end(1001, "retry-after=0");
        }
        server.refuse("503 Service Unavailable");
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.read()).isEqualTo(IDENTIFY);
        }
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.read()).isEqualTo(IDENTIFY);
            peer.say(message("a", "there"));
            assertThat(peer.read()).contains("ack");
            assertThat(peer.read()).isEqualTo("close 1000");
            peer.end(1000, "");
        }
        assertThat(code.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(cli.out()).isEqualTo("there\n");
        assertThat(cli.err().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("connected as user1, 2 waiting"),
                        line -> assertThat(line)
                                .matches("connection lost \\(code 1001, retry-after=0\\), again in 0\\.[2-5] s"),
                        line -> assertThat(line)
                                .startsWith("connection lost (it answered with HTTP status 503), again in "),
                        line -> assertThat(line).startsWith("connection lost (").contains("again in "));
    }

    @ParameterizedTest
    @CsvSource({
        "4400, the server does not accept the identification",
        "4401, the server does not accept the key",
        "4409, replaced by a newer connection of user1",
        "4440, disconnected by an operator"
    })
    void listenShouldGiveUpWhenTheServerRefuses(int closeCode, String line) throws Exception {
        CompletableFuture<Integer> code = listen();
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.read()).isEqualTo(IDENTIFY);
            peer.say("{\"type\":\"error\",\"code\":\"c\",\"message\":\"so it is\",\"retryable\":false}");
            peer.end(closeCode, "");
            assertThat(code.get(20, TimeUnit.SECONDS)).isEqualTo(77);
        }
        assertThat(cli.err()).isEqualTo("redmessenger: " + line + ": so it is\n");
    }

    @Test
    void listenShouldEndCleanlyWhenItIsStopped() throws Exception {
        CompletableFuture<Integer> code = listen();
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.read()).isEqualTo(IDENTIFY);
            cli.stop.request();
            assertThat(peer.read()).isEqualTo("close 1000");
            peer.end(1000, "");
        }
        assertThat(code.get(20, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void listenShouldFailWhenNoServerAnswers() throws Exception {
        server.close();

        assertThat(listen().get(20, TimeUnit.SECONDS)).isEqualTo(69);
        assertThat(cli.err())
                .isEqualTo("redmessenger: no server at ws://127.0.0.1:" + server.port()
                        + "/rm: connection refused, or the host is unknown\n");
    }

    @Test
    void listenShouldTakeTheAddressFromTheConfiguration() throws Exception {
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> cli.run(
                "listen", "user1", "--ws-host", "0.0.0.0", "--ws-port", "" + server.port(), "--rm-route", "/push"));
        try (FakeServer.Peer peer = server.accept()) {
            assertThat(peer.request()).isEqualTo("GET /push HTTP/1.1");
            peer.end(4440, "");
            assertThat(code.get(20, TimeUnit.SECONDS)).isEqualTo(77);
        }
    }

    @Test
    void backOffShouldGrowAndNeverBeTheSame() {
        BackOff backOff = new BackOff(new Random(7));
        for (long ceiling = 500; ceiling <= 16_000; ceiling *= 2) {
            assertThat(backOff.next(Duration.ZERO))
                    .isBetween(Duration.ofMillis(ceiling / 2), Duration.ofMillis(ceiling));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(backOff.next(Duration.ofSeconds(9)))
                    .isBetween(Duration.ofSeconds(15 + 9), Duration.ofSeconds(30 + 9));
        }
        backOff.reset();
        assertThat(backOff.next(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofMillis(500));
    }

    private CompletableFuture<Integer> listen(String... options) {
        String[] args = new String[options.length + 4];
        args[0] = "listen";
        args[1] = "user1";
        args[2] = "--url";
        args[3] = "ws://127.0.0.1:" + server.port() + "/rm";
        System.arraycopy(options, 0, args, 4, options.length);
        return CompletableFuture.supplyAsync(() -> cli.run(args));
    }

    private static String message(String id, String payload) {
        return "{\"id\":\"" + id + "\",\"source\":\"rm.users.user1\",\"timestamp\":1,\"bubble\":true,\"payload\":\""
                + payload + "\"}";
    }
}

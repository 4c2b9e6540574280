package io.redmessenger.bootstrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.ConfigurationReference;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class RedMessengerCommandTest {

    private static final UserId USER = new UserId("user1");

    private final Cli cli = new Cli();

    @TempDir
    private Path directory;

    @Test
    void publishShouldSayHowManyNodesHaveHeardIt() {
        assertThat(cli.run("publish", "rm.users.user1", "Hello")).isZero();
        assertThat(cli.out()).isEqualTo("published to rm.users.user1, heard by 1 node\n");
        assertThat(cli.err()).isEmpty();
        assertThat(cli.backend.published).containsExactly("rm.users.user1 Hello");
        assertThat(cli.backend.closed).isEqualTo(1);
    }

    @Test
    void publishShouldFailWhenNobodyListens() {
        cli.backend.nodes = 0;

        assertThat(cli.run("publish", "rm.channels.c", "x")).isEqualTo(69);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err())
                .contains("no node is listening, so the message is lost")
                .hasLineCount(1);
        assertThat(cli.backend.closed).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "@file",
                "-5",
                "-",
                "a=b",
                "'quoted'",
                "\"quoted\"",
                "100%",
                "ü 😀",
                "",
                "a\nb\n",
                "$HOME"
            })
    void publishShouldSayExactlyWhatIsGiven(String payload) {
        cli.typing(payload);

        assertThat(cli.run("publish", "rm.users.user1", "-")).isZero();
        assertThat(cli.run("publish", "rm.users.user1")).isZero();
        assertThat(cli.run("publish", "--", "rm.users.user1", payload)).isZero();
        assertThat(cli.backend.published).hasSize(3).containsOnly("rm.users.user1 " + payload);
    }

    @Test
    void publishShouldRefuseAPayloadThatIsTooLargeOrNotUtf8() {
        assertThat(cli.typing("12345").run("publish", "rm.users.u", "--max-message-bytes", "4"))
                .isEqualTo(2);
        assertThat(cli.err()).contains("larger than max_message_bytes, 4");

        assertThat(cli.run("publish", "rm.users.u", "ü234", "--max-message-bytes", "4"))
                .isEqualTo(2);

        cli.in = new byte[] {(byte) 0xff};
        assertThat(cli.run("publish", "rm.users.u", "-")).isEqualTo(2);
        assertThat(cli.err()).contains("not UTF-8");
        assertThat(cli.backend.opened).isEmpty();
    }

    @Test
    void publishShouldTeachTheFormOfAnAddress() {
        assertThat(cli.run("publish", "user1", "Hello")).isEqualTo(2);
        assertThat(cli.err())
                .contains("for the user user1 write rm.users.user1")
                .hasLineCount(1);

        assertThat(cli.run("publish", "rm.users.a b", "Hello")).isEqualTo(2);
        assertThat(cli.err()).contains("user id must be 1 to 128");
        assertThat(cli.backend.opened).isEmpty();
    }

    @Test
    void inboxShouldPrintWhatWaitsOneMessageALine() {
        cli.backend.inboxes.put(USER, List.of(message("a", "one\ttwo\u001b[31m\n"), message("b", "100% \"ü\"")));

        assertThat(cli.run("inbox", "user1")).isZero();
        assertThat(cli.out()).hasToString("""
                2015-08-02T01:58:21.712Z\ta\trm.users.user1\tone\\ttwo\\u001b[31m\\n
                2015-08-02T01:58:21.712Z\tb\trm.users.user1\t100% "ü"
                """);
        assertThat(cli.err()).isEqualTo("2 messages waiting for user1\n");

        assertThat(cli.run("inbox", "user1", "--json", "--limit", "1")).isZero();
        assertThat(cli.out())
                .isEqualTo("{\"id\":\"a\",\"source\":\"rm.users.user1\",\"timestamp\":1438480701712,"
                        + "\"payload\":\"one\\ttwo\\u001B[31m\\n\"}\n");
        assertThat(cli.err()).isEqualTo("2 messages waiting for user1, the oldest 1 shown\n");
    }

    @Test
    void inboxShouldBeEmptied() {
        cli.backend.inboxes.put(USER, List.of(message("a", "x")));

        assertThat(cli.run("inbox", "user1", "--clear")).isZero();
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).isEqualTo("1 message removed\n");
        assertThat(cli.backend.inboxes).isEmpty();
    }

    @Test
    void membersShouldBeListedAddedAndRemoved() {
        assertThat(cli.run("members", "news", "--add", "user1")).isZero();
        assertThat(cli.err()).isEqualTo("user1 is a member of news\n");
        assertThat(cli.run("members", "news", "--add=user1")).isZero();
        assertThat(cli.err()).isEqualTo("user1 was a member already of news\n");
        assertThat(cli.run("members", "news", "--add", "user2")).isZero();

        assertThat(cli.run("members", "news")).isZero();
        assertThat(cli.out()).isEqualTo("user1\nuser2\n");
        assertThat(cli.err()).isEqualTo("2 members\n");
        assertThat(cli.run("members", "news", "--limit", "1")).isZero();
        assertThat(cli.out()).isEqualTo("user1\n");
        assertThat(cli.err()).contains("has more members");

        assertThat(cli.run("members", "news", "--remove", "user1")).isZero();
        assertThat(cli.err()).isEqualTo("user1 is no member any more of news\n");
        assertThat(cli.run("members", "news", "--remove", "user1")).isZero();
        assertThat(cli.err()).isEqualTo("user1 was no member of news\n");
        assertThat(cli.run("members", "news", "--add", "a", "--remove", "b")).isEqualTo(2);
    }

    @Test
    void keyShouldBeSetGeneratedAndRevoked() {
        assertThat(cli.run("key", "user1")).isZero();
        assertThat(cli.out()).isEqualTo("none\n");

        assertThat(cli.run("key", "user1", "--set", "geheim")).isZero();
        assertThat(cli.out() + cli.err()).doesNotContain("geheim");
        assertThat(cli.backend.keys).containsEntry(USER, new Credential("geheim"));
        assertThat(cli.run("key", "user1")).isZero();
        assertThat(cli.out()).isEqualTo("set\n");

        assertThat(cli.typing("from the pipe\nmore").run("key", "user1", "--set", "-"))
                .isZero();
        assertThat(cli.backend.keys).containsEntry(USER, new Credential("from the pipe"));

        assertThat(cli.run("key", "user1", "--generate")).isZero();
        assertThat(cli.out()).matches("[A-Za-z0-9_-]{43}\n");
        assertThat(cli.backend.keys)
                .containsEntry(USER, new Credential(cli.out().strip()));

        assertThat(cli.run("key", "user1", "--revoke")).isZero();
        assertThat(cli.err()).isEqualTo("the key of user1 is revoked\n");
        assertThat(cli.backend.keys).isEmpty();
        assertThat(cli.run("key", "user1", "--revoke")).isZero();
        assertThat(cli.err()).isEqualTo("user1 had no key\n");
        assertThat(cli.run("key", "user1", "--set", "")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "STORE_UNAVAILABLE, 69",
        "STORE_REFUSED, 69",
        "OVERLOADED, 69",
        "STORE_FORBIDDEN, 77",
        "WRONG_KIND, 77",
        "INTERNAL, 1"
    })
    void aFailureShouldBeOneLineAndItsExitCode(ErrorCode code, int exitCode) {
        cli.backend.failure = new PortException(code, "so it is");

        for (List<String> command : List.of(
                List.of("publish", "rm.users.u", "x"),
                List.of("inbox", "u"),
                List.of("members", "c"),
                List.of("key", "u"))) {
            List<String> args = new ArrayList<>(command);
            args.addAll(List.of("--redis-host", "h"));
            assertThat(cli.run(args.toArray(String[]::new))).isEqualTo(exitCode);
            assertThat(cli.err())
                    .startsWith("redmessenger: ")
                    .contains("so it is")
                    .hasLineCount(1);
            assertThat(cli.out()).isEmpty();
        }
        assertThat(cli.backend.closed).isEqualTo(4);
    }

    @Test
    void aFailureShouldShowItsTraceWhenDebugging() {
        cli.backend.failure = new PortException(ErrorCode.INTERNAL, "so it is");

        assertThat(cli.run("inbox", "u", "--log-level", "debug")).isEqualTo(1);
        assertThat(cli.err()).contains("\tat io.redmessenger.");
    }

    @Test
    void commandsShouldTalkToTheConfiguredRedis() {
        assertThat(cli.run("inbox", "u", "--redis-host", "h", "--redis-port=7")).isZero();
        assertThat(cli.backend.opened.get(0).redis()).hasToString("redis://h:7");
    }

    @Test
    void commandsShouldTalkToTheEmbeddedRedisWhenNoneIsConfigured() throws IOException {
        assertThat(cli.run("inbox", "u", "--data-dir", directory.toString())).isZero();
        assertThat(cli.backend.opened.get(0).redis()).hasToString("redis://127.0.0.1:6379");

        Files.writeString(directory.resolve("redis.port"), "40123\n");
        cli.backend.failure = new PortException(ErrorCode.STORE_UNAVAILABLE, "refused");
        assertThat(cli.run("inbox", "u", "--data-dir", directory.toString())).isEqualTo(69);
        assertThat(cli.backend.opened.get(1).redis()).hasToString("redis://127.0.0.1:40123");
        assertThat(cli.err())
                .contains("no Redis answers at redis://127.0.0.1:40123", "redmessenger serve", directory.toString())
                .hasLineCount(1);
    }

    @Test
    void configShouldCheckPrintAndExplain() {
        assertThat(cli.run("config", "--check")).isZero();
        assertThat(cli.out()).isEqualTo("ok\n");

        cli.environment = Map.of("RM_WS_PORT", "9000", "RM_ODD", "1", "RM_REDIS_URL", "redis://:geheim@h");
        assertThat(cli.run("config", "--print", "--secure-mode")).isZero();
        assertThat(cli.out())
                .contains(
                        "ws_port = 9000    # environment variable RM_WS_PORT\n",
                        "secure_mode = true    # flag --secure-mode\n",
                        "redis_url = redis://:***@h    # environment variable RM_REDIS_URL\n",
                        "queue_limit = 1000    # default\n");
        assertThat(cli.err()).isEqualTo("warning: environment variable RM_ODD is not known and has no effect\n");
        String printed = cli.out();
        assertThat(cli.run("config", "--secure-mode")).isZero();
        assertThat(cli.out()).isEqualTo(printed);

        cli.environment = Map.of();
        assertThat(cli.run("config", "--reference")).isZero();
        assertThat(cli.out()).isEqualTo(ConfigurationReference.markdown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "serve"})
    void allProblemsShouldBeListedWithUnknownFlags(String command) throws IOException {
        Path file = Files.writeString(directory.resolve("c.json"), "{\"quue_limit\": 1}");

        assertThat(cli.run(command, "--ws-port=x", "--conn-limt", "5", "--tls-key=k", "--config", file.toString()))
                .isEqualTo(78);
        assertThat(cli.err().lines())
                .containsExactlyInAnyOrder(
                        "redmessenger: quue_limit is not a known key; did you mean queue_limit? (file " + file + ")",
                        "redmessenger: ws_port must be a whole number from 0 to 65535, got \"x\" (flag --ws-port)",
                        "redmessenger: tls_key is not supported by this version yet (flag --tls-key)",
                        "redmessenger: --conn-limt is not a known flag; did you mean --conn-limit?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "serve extra",
                "config --check extra",
                "config --check --print",
                "publish",
                "publish a b c",
                "publish rm.users.u x --nonsense",
                "inbox",
                "inbox a:b",
                "inbox u --limit 0",
                "inbox u --limit 1025",
                "members a:b",
                "members c --add a:b",
                "members c --add",
                "key",
                "key u --set a --revoke",
                "listen",
                "listen u --count 0",
                "listen u --url http://h",
                "listen u --ws-port 0",
                "version x",
                "serve --ws-port 1 --ws-port 2",
                "serve --config"
            })
    void aWrongCommandLineShouldBeAUsageError(String line) {
        assertThat(cli.run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).isNotBlank();
        if (!line.isEmpty()) {
            assertThat(cli.err()).hasLineCount(1);
        }
        assertThat(cli.backend.opened).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "publish", "listen", "inbox", "members", "key", "config", "version"})
    void helpShouldTeach(String command) {
        assertThat(cli.run(command, "--help")).isZero();
        assertThat(cli.out())
                .contains("Usage: redmessenger " + command, "Exit codes:", "Examples:", "  redmessenger " + command);
        assertThat(cli.out()).doesNotContain("jwt", "tls-cert", "tls-key");
        assertThat(cli.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"serve, true", "serve --secure-mode, true", "'serve --secure-mode false', false"})
    void aBareSwitchShouldMeanTrue(String line, boolean secure) {
        List<Configuration> started = new ArrayList<>();
        cli.servers = configuration -> {
            started.add(configuration);
            throw new CommandFailure(ExitCode.UNAVAILABLE, "enough");
        };
        cli.environment = Map.of("RM_SECURE_MODE", line.equals("serve") ? "true" : "false");

        assertThat(cli.run(line.split(" "))).isEqualTo(69);
        assertThat(started)
                .singleElement()
                .satisfies(c -> assertThat(c.secureMode()).isEqualTo(secure));
    }

    @Test
    void aSwitchShouldNotTakeTheNextWord() {
        assertThat(cli.run("publish", "--secure-mode", "rm.users.u", "x")).isZero();
        assertThat(cli.backend.published).containsExactly("rm.users.u x");
    }

    @Test
    void serveShouldRunUntilItIsStopped() {
        CountDownLatch stopped = new CountDownLatch(1);
        cli.servers = configuration -> {
            cli.stop.request();
            return new RunningServer() {
                @Override
                public void stop() {
                    stopped.countDown();
                }

                @Override
                public int awaitStop() throws InterruptedException {
                    stopped.await();
                    return ExitCode.OK;
                }
            };
        };

        assertThat(cli.run("serve")).isZero();
        assertThat(stopped.getCount()).isZero();
    }

    @Test
    void serveShouldReportWhyItDoesNotStart() {
        assertThat(cli.run("serve")).isEqualTo(69);
        assertThat(cli.err()).isEqualTo("redmessenger: no server in this test\n");

        cli.servers = configuration -> {
            throw new IllegalStateException("oops");
        };
        assertThat(cli.run("serve")).isEqualTo(1);
        assertThat(cli.err())
                .contains("a defect: java.lang.IllegalStateException: oops")
                .hasLineCount(1);
    }

    @Test
    void versionShouldNameJavaAndTheSystem() {
        assertThat(cli.run("version")).isZero();
        assertThat(cli.out()).startsWith("RedMessenger ").contains("Java " + System.getProperty("java.version"));
        String out = cli.out();
        assertThat(cli.run("--version")).isZero();
        assertThat(cli.out()).isEqualTo(out);
    }

    private static Message message(String id, String payload) {
        return new Message(new MessageId(id), USER.address(), 1_438_480_701_712L, new Payload(payload));
    }
}

package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands, as processes of their own, against a live server and its embedded Redis. */
class CommandLineE2eIT {

    private static ServerProcess server;
    private static Backend backend;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir);
        backend = new Backend(server);
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... arguments) {
        try {
            List<String> command = new ArrayList<>(ServerProcess.javaCommand(List.of()));
            command.addAll(List.of(arguments));
            Path out = Files.createTempFile(server.dataDir(), "out", "");
            Path err = Files.createTempFile(server.dataDir(), "err", "");
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            int code = Await.value(process.onExit()).exitValue();
            return new Outcome(code, Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Outcome runOnData(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data-dir", server.dataDir().toString()));
        return run(all.toArray(String[]::new));
    }

    @Test
    void inboxShouldShowWhatPublishSent() {
        assertThat(runOnData("publish", "rm.users.ann", "Hello 100% ☃").code()).isZero();
        Await.until("stored", () -> backend.waiting("ann") == 1);
        Outcome inbox = runOnData("inbox", "ann");
        assertThat(inbox.code()).isZero();
        assertThat(inbox.out()).contains("Hello 100%").contains("rm.users.ann");
        assertThat(runOnData("inbox", "ann", "--clear").code()).isZero();
        assertThat(backend.waiting("ann")).isZero();
    }

    @Test
    void publishShouldTeachWhatAnAddressIs() {
        Outcome outcome = runOnData("publish", "ann", "Hello");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("rm.users.");
    }

    @Test
    void membersShouldAddListAndRemove() {
        assertThat(runOnData("members", "cats", "--add", "ann").code()).isZero();
        assertThat(runOnData("members", "cats").out().lines()).containsExactly("ann");
        assertThat(runOnData("members", "cats", "--remove", "ann").code()).isZero();
        assertThat(backend.redis().exists("rm:channels:cats:subscribers")).isZero();
    }

    @Test
    void keyShouldBeShownOnceAndStored() {
        Outcome generated = runOnData("key", "bob", "--generate");
        assertThat(generated.code()).isZero();
        assertThat(generated.out().strip()).isEqualTo(backend.redis().get("rm:users:bob:key"));
        assertThat(runOnData("key", "bob", "--revoke").code()).isZero();
        assertThat(backend.redis().get("rm:users:bob:key")).isNull();
    }

    @Test
    void listenShouldPrintMessagesAndAcknowledgeThem() throws IOException {
        backend.publish("rm.users.eve", "waiting");
        List<String> command = new ArrayList<>(ServerProcess.javaCommand(List.of()));
        command.addAll(List.of("listen", "eve", "--ws-port", Integer.toString(server.port())));
        Process listen = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(listen.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("waiting");
            Await.until("acknowledged", () -> backend.waiting("eve") == 0);
        } finally {
            listen.destroy();
            Await.value(listen.onExit());
        }
    }

    @Test
    void configShouldListAllProblemsAtOnce() {
        Outcome outcome = run("config", "--check", "--ws-port", "x", "--queue-limt=3", "--ping-timeout=0");
        assertThat(outcome.code()).isEqualTo(78);
        assertThat(outcome.err()).contains("ws_port").contains("--queue-limit").contains("ping_timeout");
        assertThat(run("config", "--check").code()).isZero();
    }

    @Test
    void versionAndHelpShouldAnswerWithoutRedis() {
        assertThat(run("version").out()).contains("0.1.0");
        assertThat(run("--help").out()).contains("serve").contains("publish").contains("listen");
    }

    @Test
    void doctorShouldFindNoProblemWithALiveServer() {
        Outcome outcome = runOnData("doctor", "--ws-port", Integer.toString(server.port()));
        assertThat(outcome.out())
                .contains("taken by a RedMessenger that runs")
                .contains("1 node listens to rm.*, and nobody else")
                .contains("no problem");
        assertThat(outcome.code()).isZero();
        Outcome nothing = run("doctor", "--redis-port", "1", "--json");
        assertThat(nothing.code()).isEqualTo(1);
        assertThat(nothing.out()).startsWith("{").contains("nothing listens at 127.0.0.1:1");
    }

    @Test
    void serveShouldSayWhenItsPortIsTaken() {
        Outcome outcome = run(
                "serve", "--redis-host=127.0.0.1", "--redis-port=" + server.redisPort(), "--ws-port=" + server.port());
        assertThat(outcome.code()).isEqualTo(69);
        assertThat(outcome.err()).contains("--ws-port");
        assertThat(outcome.out()).isEmpty();
    }
}

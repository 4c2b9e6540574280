package io.redmessenger.bootstrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.redmessenger.application.memory.InMemoryStoreDiagnosis;
import io.redmessenger.application.port.out.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class DoctorCommandTest {

    private static final String[] WELL = {"doctor", "--redis-host", "h", "--ws-port", "0", "--max-connections", "10"};

    private final Cli cli = new Cli();

    private String[] and(String... more) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(WELL), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }

    @Test
    void allWellShouldBeZero() {
        assertThat(cli.run(WELL)).isZero();
        assertThat(cli.out())
                .contains("ok       configuration     valid, 3 settings given; Redis: redis://h:6379\n")
                .contains("ok       redis-connection  the memory answers\n")
                .endsWith("no problem, no warning, 4 ok, 0 skipped\n");
        assertThat(cli.err()).isEmpty();
    }

    @Test
    void warningsShouldBeZeroAndProblemsOne() {
        InMemoryStoreDiagnosis diagnosis =
                new InMemoryStoreDiagnosis().with(Finding.warning("some-thing", "odd\u001b[31m", "why", "command"));
        cli.diagnoses = configuration -> diagnosis;
        assertThat(cli.run(WELL)).isZero();
        assertThat(cli.out())
                .contains("warning  some-thing        odd\\u001b[31m\n         why\n         $ command\n")
                .endsWith("no problem, 1 warning, 4 ok, 0 skipped\n");
        diagnosis.with(Finding.problem("other-thing", "broken", "why", "mend it"));
        assertThat(cli.run(WELL)).isEqualTo(1);
        assertThat(cli.out()).contains("problem  other-thing       broken\n");
    }

    @Test
    void jsonShouldSayTheSame() throws IOException {
        cli.diagnoses = configuration -> InMemoryStoreDiagnosis.ofNothing();
        assertThat(cli.run(and("--json"))).isEqualTo(1);
        JsonNode root = new ObjectMapper().readTree(cli.out());
        assertThat(root.path("problem").intValue()).isEqualTo(1);
        JsonNode last = root.path("findings").get(3);
        assertThat(last.path("check").textValue()).isEqualTo("redis-connection");
        assertThat(last.path("state").textValue()).isEqualTo("problem");
        assertThat(last.path("command").textValue()).isEqualTo("redis-cli -p 1 PING");
        assertThat(root.path("findings").get(0).has("meaning")).isFalse();
    }

    @Test
    void eachProblemOfTheConfigurationShouldBeAFinding() {
        assertThat(cli.run("doctor", "--ws-port", "x", "--ping-timeout=0")).isEqualTo(1);
        assertThat(cli.out())
                .contains("ws_port must be")
                .contains("ping_timeout must be")
                .endsWith("0 skipped\n");
        cli.environment = Map.of("RM_WS_PROT", "1");
        assertThat(cli.run(WELL)).isZero();
        assertThat(cli.out()).contains("warning  configuration").contains("RM_WS_PORT");
        assertThat(cli.err()).isEmpty();
    }

    @Test
    void anEmbeddedRedisThatDoesNotRunShouldBeSkipped(@TempDir Path directory) {
        assertThat(cli.run("doctor", "--ws-port", "0", "--data-dir", directory.toString()))
                .isZero();
        assertThat(cli.out()).contains("skipped  redis-connection").contains("ok       data-directory");
    }

    @Test
    void usageShouldBeTwoAndHelpZero() {
        assertThat(cli.run("doctor", "--jsn")).isEqualTo(2);
        assertThat(cli.run("doctor", "x")).isEqualTo(2);
        assertThat(cli.run("doctor", "--help")).isZero();
        assertThat(cli.out()).contains("--json").contains("--redis-host").contains("there is a problem");
    }
}

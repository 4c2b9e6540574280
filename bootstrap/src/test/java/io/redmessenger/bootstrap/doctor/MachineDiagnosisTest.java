package io.redmessenger.bootstrap.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineDiagnosisTest {

    @Test
    void openFilesShouldSufficeForTheConnections() {
        assertThat(OpenFilesCheck.of(OptionalLong.of(1_200), 1_000).state()).isEqualTo(State.OK);
        Finding few = OpenFilesCheck.of(OptionalLong.of(1_199), 1_000);
        assertThat(few.state()).isEqualTo(State.WARNING);
        assertThat(few.command()).contains("redmessenger serve --max-connections 999");
        assertThat(OpenFilesCheck.of(OptionalLong.empty(), 1_000).state()).isEqualTo(State.SKIPPED);
    }

    @Test
    void aPortOfAnotherProgramShouldBeAProblem() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Finding taken = ListenerCheck.of("127.0.0.1", other.getLocalPort(), "/rm");
            assertThat(taken.state()).isEqualTo(State.PROBLEM);
            assertThat(taken.command().orElseThrow()).startsWith("redmessenger serve --ws-port ");
        }
    }

    @Test
    void aListenerShouldHaveAnAddressOfThisMachine() throws Exception {
        assertThat(ListenerCheck.of("127.0.0.1", 0, "/rm").state()).isEqualTo(State.OK);
        assertThat(ListenerCheck.of("203.0.113.7", 0, "/rm").command())
                .contains("redmessenger serve --ws-host 0.0.0.0");
        assertThat(ListenerCheck.of("nohost.invalid", 0, "/rm").state()).isEqualTo(State.PROBLEM);
    }

    @Test
    void aDataDirectoryShouldBeADirectory(@TempDir Path directory) throws IOException {
        assertThat(EmbeddedRedisCheck.directory(directory.resolve("new/one")).state())
                .isEqualTo(State.OK);
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(EmbeddedRedisCheck.directory(file).state()).isEqualTo(State.PROBLEM);
        assertThat(EmbeddedRedisCheck.runningPort(directory)).isEmpty();
    }
}

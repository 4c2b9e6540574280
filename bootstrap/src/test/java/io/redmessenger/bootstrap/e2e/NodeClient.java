package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A published client in a process of Node's. */
final class NodeClient extends RemoteClient {

    private static final Path SOURCES = Path.of("src", "test", "clients");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;

    /** Installs the clients beside {@code client.mjs}: by npm, exactly what the lockfile says. */
    static void install() throws IOException, InterruptedException {
        Path log = Files.createDirectories(Path.of("target")).resolve("npm-clients.log");
        Path lock = SOURCES.resolve("package-lock.json");
        Path installed = SOURCES.resolve(Path.of("node_modules", ".installed-lock.json"));
        if (Files.exists(installed) && Files.mismatch(lock, installed) < 0) {
            return;
        }
        Process npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(SOURCES.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(npm.waitFor(3, TimeUnit.MINUTES)).as("npm ci ends").isTrue();
        assertThat(npm.exitValue()).as(Files.readString(log)).isZero();
        Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
    }

    NodeClient(String client, String transport, String url, String uid, String key) {
        try {
            process = new ProcessBuilder(
                            List.of("node", SOURCES.resolve("client.mjs").toString(), client, transport, url, uid, key))
                    .redirectError(Path.of("target", "node-clients.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("node cannot be started", e);
        }
        Thread reader = new Thread(this::read, "node-client");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        process.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                JsonNode said = JSON.readTree(line);
                if (said.path("event").asText().equals("message")) {
                    tellMessage(said.path("message"));
                } else {
                    tell(said.path("event").asText());
                }
            } catch (JsonProcessingException e) {
                tell("not JSON: " + line);
            }
        });
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package io.redmessenger.bootstrap.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class EmbeddedRedisIT {

    @TempDir
    private Path temporary;

    private Path dataDir = Path.of("");
    private int usualPort;

    @BeforeEach
    void prepare() throws IOException {
        dataDir = temporary.toRealPath().resolve("a directory");
        // below the ports that connections get, so that nobody takes it between two starts of a test
        usualPort = new Random()
                .ints(15_000, 30_000)
                .filter(port -> !RedisProcess.isTaken(port))
                .findFirst()
                .orElseThrow();
    }

    @AfterEach
    void nothingShouldBeLeftRunning() {
        assertThat(running()).isEmpty();
    }

    @Test
    void startShouldListenOnLoopbackOnlyAndKeepEverySecondOnDisk() throws IOException {
        try (EmbeddedRedis redis = start()) {
            assertThat(redis.port()).isEqualTo(usualPort);
            assertThat(redis.uri()).hasToString("redis://127.0.0.1:" + usualPort);
            assertThat(redis.isAdopted()).isFalse();
            assertThat(EmbeddedRedis.recordedPort(dataDir)).hasValue(usualPort);
            assertThat(ask(redis, "CONFIG", "GET", "bind")).containsExactly("bind", "127.0.0.1");
            assertThat(ask(redis, "CONFIG", "GET", "appendonly")).containsExactly("appendonly", "yes");
            assertThat(ask(redis, "CONFIG", "GET", "appendfsync")).containsExactly("appendfsync", "everysec");
            assertThat(ask(redis, "CONFIG", "GET", "save")).containsExactly("save", "");
            assertThat(ask(redis, "CONFIG", "GET", "maxmemory-policy"))
                    .containsExactly("maxmemory-policy", "noeviction");
            assertThat(ask(redis, "CONFIG", "GET", "client-output-buffer-limit").get(1))
                    .endsWith("pubsub 268435456 134217728 60");
        }
        assertThat(EmbeddedRedis.recordedPort(dataDir)).isEmpty();
        assertThat(dataDir.resolve("redis.log")).content().contains("Ready to accept connections");
    }

    @Test
    void stopShouldKeepTheData() throws IOException {
        try (EmbeddedRedis redis = start()) {
            assertThat(ask(redis, "SET", "k", "v")).containsExactly("OK");
        }
        try (EmbeddedRedis redis = start()) {
            assertThat(redis.isAdopted()).isFalse();
            assertThat(ask(redis, "GET", "k")).containsExactly("v");
        }
    }

    @Test
    void redisShouldBeStartedAgainOnItsPortWithItsDataWhenItDies() throws Exception {
        List<CompletableFuture<Void>> restarts = List.of(new CompletableFuture<>(), new CompletableFuture<>());
        Runnable onRestart = () -> restarts.stream()
                .filter(stage -> !stage.isDone())
                .findFirst()
                .orElseThrow()
                .complete(null);
        try (EmbeddedRedis redis = EmbeddedRedis.start(dataDir, usualPort, onRestart)) {
            ask(redis, "SET", "k", "v");
            for (CompletableFuture<Void> restart : restarts) {
                long before = redis.pid();

                assertThat(ProcessHandle.of(before).orElseThrow().destroyForcibly())
                        .isTrue();

                restart.get(30, TimeUnit.SECONDS);
                assertThat(redis.pid()).isNotEqualTo(before);
                assertThat(redis.port()).isEqualTo(usualPort);
                assertThat(ask(redis, "GET", "k")).containsExactly("v");
            }
        }
    }

    @Test
    void redisShouldNotBeStartedTwiceWhenOnlyTheWatchingConnectionIsCut() throws IOException {
        try (EmbeddedRedis redis = start()) {
            long before = redis.pid();
            ask(redis, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

            assertThat(ask(redis, "PING")).containsExactly("PONG");
            assertThat(redis.pid()).isEqualTo(before);
            assertThat(running()).hasSize(1);
        }
    }

    @Test
    void startShouldAdoptTheRedisOfAServerThatWasKilled() throws Exception {
        Process server = server();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String pid = out.readLine();
            assertThat(running())
                    .extracting(process -> Long.toString(process.pid()))
                    .containsExactly(pid);
            server.destroyForcibly();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();

            try (EmbeddedRedis redis = start()) {
                assertThat(redis.isAdopted()).isTrue();
                assertThat(redis.pid()).isEqualTo(Long.parseLong(pid));
                assertThat(redis.port()).isEqualTo(usualPort);
                assertThat(ask(redis, "GET", "k")).containsExactly("v");
            }
        }
    }

    @Test
    void startShouldEndALeftOverThatCannotBeAdopted() throws Exception {
        Process server = server();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String pid = out.readLine();
            server.destroyForcibly();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            Files.delete(dataDir.resolve("redis.port"));

            try (EmbeddedRedis redis = start()) {
                assertThat(redis.isAdopted()).isFalse();
                assertThat(running())
                        .extracting(process -> Long.toString(process.pid()))
                        .doesNotContain(pid)
                        .hasSize(1);
                assertThat(ask(redis, "GET", "k")).containsExactly("v");
            }
        }
    }

    @Test
    void startShouldTakeAFreePortWhenTheUsualOneIsTaken() throws IOException {
        try (ServerSocket somebody = new ServerSocket(usualPort, 1, InetAddress.getLoopbackAddress());
                EmbeddedRedis redis = start()) {
            assertThat(redis.port()).isNotEqualTo(somebody.getLocalPort()).isPositive();
            assertThat(EmbeddedRedis.recordedPort(dataDir)).hasValue(redis.port());
            assertThat(ask(redis, "PING")).containsExactly("PONG");
        }
    }

    @Test
    void startShouldNotAdoptTheRedisOfAnotherDirectory() throws IOException {
        Path other = temporary.toRealPath().resolve("other");
        try (EmbeddedRedis first = start()) {
            Files.createDirectories(other);
            Files.writeString(other.resolve("redis.port"), first.port() + "\n");
            try (EmbeddedRedis second = EmbeddedRedis.start(other, usualPort, () -> {})) {
                assertThat(second.isAdopted()).isFalse();
                assertThat(second.port()).isNotEqualTo(first.port());
            }
            assertThat(ask(first, "PING")).containsExactly("PONG");
        }
    }

    @Test
    void startShouldRefuseADirectoryThatAnotherServerUses() throws IOException {
        try (EmbeddedRedis redis = start()) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(EmbeddedRedisException.class)
                    .hasMessageContaining("another RedMessenger uses the data directory " + dataDir)
                    .hasMessageContaining("redis_port to " + redis.port());
            assertThat(ask(redis, "PING")).containsExactly("PONG");
        }
    }

    @Test
    void startShouldSayWhatIsWrongWithTheDirectory() throws IOException {
        Files.writeString(dataDir, "a file");

        assertThatThrownBy(this::start)
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("data_dir " + dataDir + " cannot be used: ")
                .hasMessageContaining("is not a directory");
    }

    @Test
    void startShouldShowTheLogWhenRedisRefusesItsData() throws IOException {
        try (EmbeddedRedis redis = start()) {
            ask(redis, "SET", "k", "v");
        }
        Path manifest = dataDir.resolve("redis/appendonlydir/appendonly.aof.manifest");
        Files.writeString(manifest, "nonsense");

        assertThatThrownBy(this::start)
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("did not start on port " + usualPort)
                .hasMessageContaining("AOF MANIFEST FILE ERROR");
    }

    @Test
    void aDamagedExecutableShouldBeReplaced() throws IOException {
        start().close();
        try (Stream<Path> binaries = Files.list(dataDir.resolve("bin"))) {
            Path binary = binaries.findFirst().orElseThrow();
            Files.delete(binary);
            Files.writeString(binary, "damaged");
            Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwx------"));
            start().close();
            assertThat(binary).isExecutable();
            assertThat(Files.size(binary)).isGreaterThan(1_000_000);
        }
    }

    @Test
    void anExecutableThatCannotBeExecutedShouldBeNamed() throws IOException {
        Path directory = Files.createDirectories(dataDir);
        Path broken = Files.writeString(directory.resolve("redis-server"), "no program");
        RedisDirectory prepared = RedisDirectory.prepared(directory);

        assertThatThrownBy(() -> RedisProcess.launch(broken, prepared, usualPort))
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("cannot execute " + broken)
                .hasMessageContaining("noexec");
    }

    private EmbeddedRedis start() {
        return EmbeddedRedis.start(dataDir, usualPort, () -> {});
    }

    private Process server() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServerThatWaits.class.getName(),
                        dataDir.toString(),
                        Integer.toString(usualPort))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private List<ProcessHandle> running() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").startsWith(dataDir.toString()))
                .toList();
    }

    private static List<String> ask(EmbeddedRedis redis, String... command) throws IOException {
        try (RespConnection connection = RespConnection.open(redis.port(), Duration.ofSeconds(5))) {
            return connection.ask(command);
        }
    }

    /** Starts Redis, stores something, says its process id, and waits to be killed. */
    static final class ServerThatWaits {
        private ServerThatWaits() {}

        @SuppressWarnings("SystemOut")
        public static void main(String... args) throws Exception {
            try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of(args[0]), Integer.parseInt(args[1]), () -> {})) {
                ask(redis, "SET", "k", "v");
                System.out.println(redis.pid());
                new CompletableFuture<Void>().get(60, TimeUnit.SECONDS);
            }
        }
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.StoreDiagnosisContract;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import io.redmessenger.application.port.out.StoreDiagnosis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Each check on a real Redis, well and not well. */
class RedisDiagnosisIT implements StoreDiagnosisContract {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private static final String[] RIGHTS = {"on", ">secret", "~rm:*", "&rm.*", "&rm:*", "-@all"};

    private final RedisClient client = RedisClient.create();

    @AfterEach
    void restore() {
        Map.of(
                        "maxmemory", "0",
                        "maxmemory-policy", "noeviction",
                        "appendonly", "yes",
                        "save", "",
                        "min-replicas-to-write", "0",
                        "requirepass", "",
                        "client-output-buffer-limit", "pubsub 33554432 8388608 60")
                .forEach((parameter, value) -> REDIS.redis().configSet(parameter, value));
        REDIS.redis().aclDeluser("ann");
        client.shutdown(0, 1, TimeUnit.SECONDS);
    }

    private static StoreDiagnosis of(String uri) {
        return RedisAdapter.diagnosis(RedisSettings.of(uri), Clock.systemUTC());
    }

    @Override
    public StoreDiagnosis diagnosis() {
        return of(REDIS.uri());
    }

    @Override
    public StoreDiagnosis diagnosisOfNothing() {
        return of("redis://127.0.0.1:1");
    }

    /** Redis counts all changes. */
    @Override
    public String contents() {
        return ConfiguredRedis.field(REDIS.redis().info("persistence"), "rdb_changes_since_last_save")
                .orElseThrow();
    }

    private static Finding find(StoreDiagnosis diagnosis, String check) {
        return Await.value(diagnosis.examine()).stream()
                .filter(finding -> finding.check().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + check));
    }

    private Finding find(String check) {
        return find(diagnosis(), check);
    }

    private static void assertMended(Finding finding, State state, String command) {
        assertThat(finding.state()).as(finding.toString()).isEqualTo(state);
        assertThat(finding.command().orElse("")).contains(command);
    }

    private static void createUser(String... rules) {
        CommandArgs<String, String> arguments =
                new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("ann");
        List.of(rules).forEach(arguments::add);
        REDIS.redis().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments);
    }

    private static String uriOfUser() {
        return "redis://ann:secret@" + REDIS.host() + ":" + REDIS.port();
    }

    @Test
    void aFreshRedisShouldHaveNoProblem() {
        REDIS.redis().configSet("client-output-buffer-limit", "pubsub 256mb 128mb 60");
        assertThat(Await.value(diagnosis().examine()))
                .hasSize(15)
                .allSatisfy(finding ->
                        assertThat(finding.state()).as(finding.toString()).isEqualTo(State.OK));
    }

    @Test
    void evictionShouldBeFound() {
        REDIS.redis().configSet("maxmemory-policy", "allkeys-lru");
        assertMended(find("redis-eviction"), State.WARNING, "CONFIG SET maxmemory-policy noeviction");
        REDIS.redis().configSet("maxmemory", "500mb");
        assertMended(find("redis-eviction"), State.PROBLEM, "-p " + REDIS.port() + " CONFIG SET maxmemory-policy");
        assertThat(find("redis-memory").summary()).contains("maxmemory 500.0 MiB");
    }

    @Test
    void aRedisThatKeepsNothingShouldBeFound() {
        REDIS.redis().configSet("appendonly", "no");
        assertMended(find("redis-persistence"), State.PROBLEM, "CONFIG SET appendonly yes");
        REDIS.redis().configSet("save", "3600 1");
        assertMended(find("redis-persistence"), State.WARNING, "CONFIG SET appendonly yes");
    }

    @Test
    void smallBuffersShouldBeFound() {
        assertMended(find("redis-buffers"), State.WARNING, "'pubsub 256mb 128mb 60'");
    }

    @Test
    void missingReplicasShouldBeFound() {
        RedisSettings settings = new RedisSettings(
                REDIS.uri(),
                false,
                Optional.empty(),
                OptionalInt.empty(),
                RedisSettings.COMMAND_TIMEOUT,
                RedisSettings.MAX_PAYLOAD_BYTES,
                Optional.empty(),
                2);
        assertMended(
                find(RedisAdapter.diagnosis(settings, Clock.systemUTC()), "redis-replicas"),
                State.PROBLEM,
                "--redis-wait-replicas 0");
        REDIS.redis().configSet("min-replicas-to-write", "1");
        assertMended(find("redis-replicas"), State.PROBLEM, "CONFIG SET min-replicas-to-write 0");
    }

    @Test
    void aClockThatIsWrongShouldBeFound() {
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
        Finding finding = find(RedisAdapter.diagnosis(RedisSettings.of(REDIS.uri()), late), "redis-clock");
        assertMended(finding, State.PROBLEM, "timedatectl");
        assertThat(finding.summary()).contains("ahead of");
    }

    @Test
    void missingRightsShouldBeFoundAndMendedByTheCommand() {
        createUser(RIGHTS);
        createUser("+ping", "+client|info", "+eval");
        Finding finding = find(of(uriOfUser()), "redis-rights");
        assertMended(finding, State.PROBLEM, "--user default --askpass ACL SETUSER ann '~rm:*'");
        String command = finding.command().orElseThrow();
        createUser(
                command.substring(command.indexOf("ann ") + 4).replace("'", "").split(" ", -1));
        assertThat(find(of(uriOfUser()), "redis-rights").state()).isEqualTo(State.OK);
    }

    @Test
    void aKeyThatMayNotBeTouchedShouldBeFound() {
        createUser("on", ">secret", "~rm:users:*", "&rm.*", "&rm:*", "+@all");
        assertThat(find(of(uriOfUser()), "redis-rights").summary()).contains("HSET rm:heard");
    }

    /** As on a managed Redis. */
    @Test
    void withoutAdministrativeRightsTheRestShouldBeSkipped() {
        createUser(RIGHTS);
        createUser("+@all", "-config", "-acl");
        Finding buffers = find(of(uriOfUser()), "redis-buffers");
        assertThat(buffers.state()).isEqualTo(State.SKIPPED);
        assertThat(buffers.meaning().orElseThrow()).contains("provider's console");
        createUser("-@dangerous", "-scan");
        List<Finding> findings = Await.value(of(uriOfUser()).examine());
        assertThat(findings)
                .filteredOn(finding -> finding.state() == State.SKIPPED)
                .extracting(Finding::check)
                .contains("redis-version", "redis-eviction", "redis-keys");
        assertThat(findings).extracting(Finding::state).doesNotContain(State.PROBLEM);
    }

    @Test
    void aStrangerWhoListensShouldBeFound() throws Exception {
        assertThat(find("redis-subscribers").summary()).contains("nobody listens");
        try (LiveNode node = LiveNode.start(RedisSettings.of(REDIS.uri()))) {
            assertThat(node).isNotNull();
            assertThat(find("redis-subscribers").summary()).contains("1 node listens to rm.*, and nobody else");
            try (StatefulRedisPubSubConnection<String, String> stranger =
                    client.connectPubSub(RedisURI.create(REDIS.uri()))) {
                stranger.sync().psubscribe("rm.*");
                Finding finding = find("redis-subscribers");
                assertMended(finding, State.WARNING, "CLIENT LIST ID ");
                assertThat(finding.summary()).contains("no node listens to rm.*");
            }
        }
    }

    @Test
    void keysOfTheWrongTypeShouldBeFoundAndMovedAway() {
        REDIS.redis().rpush("rm:users:bob:messages", "{}");
        REDIS.redis().sadd("rm:channels:cats:subscribers", "bob");
        assertThat(find("redis-keys").summary()).contains("looked at all 2 keys");
        REDIS.redis().set("rm:users:eve:messages", "x");
        REDIS.redis().rpush("rm:channels:dogs:subscribers", "x");
        Finding finding = find("redis-keys");
        assertMended(finding, State.PROBLEM, "RENAMENX rm:");
        assertThat(finding.summary()).contains("2 keys").contains("rm:users:eve:messages is a string, not a list");
    }

    @Test
    void namesOfAClusterShouldBeFound() {
        REDIS.redis().rpush("rm:users:{bob}:messages", "{}");
        assertThat(find("redis-keys").state()).isEqualTo(State.WARNING);
    }

    @Test
    void gapsShouldBeReportedAsLongAsTheyAreNew() {
        long now = Instant.now().toEpochMilli();
        REDIS.redis().hset("rm:heard", Map.of("gaps", "3", "gap_ms", "65000", "gap_at", Long.toString(now)));
        Finding finding = find("publish-gap");
        assertMended(finding, State.WARNING, "XADD rm:publish '*'");
        assertThat(finding.summary()).contains("3 gaps").contains("1 min 5 s");
        assertThat(finding.meaning().orElseThrow()).contains("second node").contains("may be lost");
        REDIS.redis()
                .hset(
                        "rm:heard",
                        "gap_at",
                        Long.toString(now - Duration.ofDays(8).toMillis()));
        assertThat(find("publish-gap").state()).isEqualTo(State.OK);
    }

    @Test
    void deadLettersShouldBeCounted() {
        REDIS.redis().xadd("rm:dead", Map.of("reason", "x"));
        REDIS.redis().xadd("rm:dead", Map.of("reason", "y"));
        Finding finding = find("dead-letters");
        assertMended(finding, State.WARNING, "XREVRANGE rm:dead + - COUNT 10");
        assertThat(finding.summary()).startsWith("2 dead letters");
    }

    @Test
    void passwordsShouldBeAdvisedUpon() {
        String host = REDIS.host() + ":" + REDIS.port();
        assertMended(
                find(of("redis://:x@" + host), StoreDiagnosis.CONNECTION),
                State.PROBLEM,
                "--redis-url redis://" + host);
        createUser(RIGHTS);
        assertMended(
                find(of("redis://ann:wrong@" + host), StoreDiagnosis.CONNECTION),
                State.PROBLEM,
                "--user ann --askpass PING");
        assertMended(find(of(uriOfUser()), "redis-rights"), State.PROBLEM, "ACL SETUSER ann"); // not even EVAL
        REDIS.redis().configSet("requirepass", "secret");
        assertMended(
                find(of("redis://" + host), StoreDiagnosis.CONNECTION),
                State.PROBLEM,
                "--redis-url redis://:PASSWORD@" + host);
    }

    @Test
    void aWrongDestinationShouldBeAdvisedUpon() {
        assertMended(find(diagnosisOfNothing(), StoreDiagnosis.CONNECTION), State.PROBLEM, "systemctl start");
        assertMended(find(of("redis://nohost.invalid"), StoreDiagnosis.CONNECTION), State.PROBLEM, "getent hosts");
        assertMended(find(of(REDIS.uri() + "/99"), StoreDiagnosis.CONNECTION), State.PROBLEM, "CONFIG GET databases");
        assertMended(
                find(
                        RedisAdapter.diagnosis(RedisSettings.ofCluster(REDIS.uri()), Clock.systemUTC()),
                        StoreDiagnosis.CONNECTION),
                State.PROBLEM,
                "--redis-cluster false");
        REDIS.pause();
        assertMended(find(diagnosis(), StoreDiagnosis.CONNECTION), State.PROBLEM, Integer.toString(REDIS.port()));
        REDIS.resume();
    }

    @Test
    void aReplicaShouldBeFoundAndItsMasterNamed() {
        ConfiguredRedis replica = new ConfiguredRedis(
                client, false, List.of("replicaof " + REDIS.host() + " " + REDIS.port(), "repl-diskless-sync-delay 0"));
        try {
            replica.start();
            replica.awaitAnswer();
            Finding finding = find(of("redis://127.0.0.1:" + replica.port()), "redis-role");
            assertMended(finding, State.PROBLEM, "--redis-port " + REDIS.port());
            Await.until(
                    "the replica is in step",
                    () -> replica.info("replication", "master_link_status")
                            .filter("up"::equals)
                            .isPresent());
            assertMended(find("redis-replicas"), State.WARNING, "CONFIG SET min-replicas-to-write 1");
        } finally {
            replica.close();
        }
    }

    @Test
    void aCertificateThatIsNotTrustedShouldBeAdvisedUpon(@TempDir Path directory) throws Exception {
        int tlsPort = BinaryRedis.freePort();
        TestCertificates certificates =
                new TestCertificates(Files.createDirectory(directory.resolve("c")), "ip:127.0.0.1");
        ConfiguredRedis server = new ConfiguredRedis(
                client,
                false,
                List.of(
                        "tls-port " + tlsPort,
                        "tls-cert-file " + certificates.certificate(),
                        "tls-key-file " + certificates.key(),
                        "tls-ca-cert-file " + certificates.authority(),
                        "tls-auth-clients no"));
        try {
            server.start();
            server.awaitAnswer();
            String uri = "rediss://127.0.0.1:" + tlsPort;
            Finding finding = find(of(uri), StoreDiagnosis.CONNECTION);
            assertMended(finding, State.PROBLEM, "openssl s_client -connect 127.0.0.1:" + tlsPort);
            assertThat(finding.meaning().orElseThrow()).contains("redis_tls_ca");
            RedisSettings trusting = new RedisSettings(
                    uri,
                    false,
                    Optional.empty(),
                    OptionalInt.empty(),
                    RedisSettings.COMMAND_TIMEOUT,
                    1_000,
                    Optional.of(certificates.authority()),
                    0);
            StoreDiagnosis diagnosis = RedisAdapter.diagnosis(trusting, Clock.systemUTC());
            assertThat(find(diagnosis, StoreDiagnosis.CONNECTION).state()).isEqualTo(State.OK);
            assertMended(find(diagnosis, "redis-buffers"), State.WARNING, "--tls --cacert " + certificates.authority());
        } finally {
            server.close();
        }
    }
}

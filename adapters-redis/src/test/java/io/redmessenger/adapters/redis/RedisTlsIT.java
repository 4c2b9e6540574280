package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.redmessenger.adapters.redis.LiveNode.Client;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that speaks TLS: with a password, a database, and certificates that fit or do not. */
class RedisTlsIT {

    private static final UserId ANN = new UserId("ann");

    @TempDir
    private Path directory;

    private final RedisClient client = RedisClient.create();
    private int tlsPort;
    private @Nullable ConfiguredRedis server;

    @BeforeEach
    void choosePort() throws IOException {
        tlsPort = BinaryRedis.freePort();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        client.shutdown(0, 1, TimeUnit.SECONDS);
    }

    private TestCertificates certificates(String name, String names) throws Exception {
        return new TestCertificates(Files.createDirectory(directory.resolve(name)), names);
    }

    /** It answers on two ports, one of them with TLS. */
    private ConfiguredRedis startWith(TestCertificates certificates) {
        ConfiguredRedis started = new ConfiguredRedis(
                client,
                false,
                List.of(
                        "appendonly no",
                        "tls-port " + tlsPort,
                        "tls-cert-file " + certificates.certificate(),
                        "tls-key-file " + certificates.key(),
                        "tls-ca-cert-file " + certificates.authority(),
                        "tls-auth-clients no",
                        "user default on nopass ~* &* +@all",
                        "user redmessenger on >secret ~rm:* &* +@all"));
        server = started;
        started.start();
        started.awaitAnswer();
        return started;
    }

    private static RedisSettings settings(String uri, Optional<Path> authorities) {
        return new RedisSettings(
                uri, false, Optional.empty(), OptionalInt.empty(), Duration.ofSeconds(2), 1_000, authorities, 0);
    }

    private static PortException failureOfStart(RedisSettings settings) {
        RedisAdapter adapter = new RedisAdapter(settings, "n", (event, amount) -> {}, Clock.systemUTC());
        try {
            return Await.failure(adapter.start());
        } finally {
            Await.value(adapter.stop());
        }
    }

    @Test
    void everythingShouldGoOverTlsWithPasswordAndDatabase() throws Exception {
        TestCertificates certificates = certificates("right", "ip:127.0.0.1,dns:localhost");
        ConfiguredRedis redis = startWith(certificates);
        for (String host : List.of("127.0.0.1", "localhost")) {
            String uri = "rediss://redmessenger:secret@" + host + ":" + tlsPort + "/2";
            try (LiveNode node = LiveNode.start(settings(uri, Optional.of(certificates.authority())))) {
                Client ann = node.open(ANN);
                ann.connection().awaitOpened();
                long heard = redis.ask(plain -> plain.sync().publish("rm.users.ann", "from database 0"));
                assertThat(heard).isEqualTo(1); // Pub/Sub knows no databases
                ann.connection().awaitOffered(1);
                long entries = redis.ask(plain -> {
                    plain.sync().select(2);
                    long inDatabase2 = plain.sync().llen("rm:users:ann:messages");
                    plain.sync().select(0);
                    return inDatabase2;
                });
                long elsewhere = redis.ask(plain -> plain.sync().dbsize());
                assertThat(entries).isEqualTo(1);
                assertThat(elsewhere).isZero();
                ann.acknowledge();
                Await.until(
                        "it is done with",
                        () -> redis.ask(plain -> {
                            plain.sync().select(2);
                            boolean gone = plain.sync().exists("rm:users:ann:messages") == 0;
                            plain.sync().select(0);
                            return gone;
                        }));
            }
        }
    }

    @Test
    void anUnknownAuthorityShouldBeNamedAtTheStart() throws Exception {
        startWith(certificates("right", "ip:127.0.0.1"));
        String uri = "rediss://127.0.0.1:" + tlsPort;
        Path another = certificates("another", "ip:127.0.0.1").authority();
        for (Optional<Path> authorities : List.of(Optional.<Path>empty(), Optional.of(another))) {
            PortException failure = failureOfStart(settings(uri, authorities));
            assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(failure).hasMessageContaining("redis_tls_ca");
        }
    }

    @Test
    void anotherHostNameShouldBeNamedAtTheStart() throws Exception {
        TestCertificates certificates = certificates("other", "dns:redis.example.org");
        startWith(certificates);
        PortException failure =
                failureOfStart(settings("rediss://127.0.0.1:" + tlsPort, Optional.of(certificates.authority())));
        assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("redis_url").hasMessageContaining("127.0.0.1");
    }

    @Test
    void aPortThatSpeaksNoTlsShouldBeNamedAtTheStart() throws Exception {
        TestCertificates certificates = certificates("right", "ip:127.0.0.1");
        ConfiguredRedis redis = startWith(certificates);
        PortException failure =
                failureOfStart(settings("rediss://127.0.0.1:" + redis.port(), Optional.of(certificates.authority())));
        assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("tls-port");
    }

    @Test
    void aWrongPasswordShouldBeRefusedOverTlsToo() throws Exception {
        TestCertificates certificates = certificates("right", "ip:127.0.0.1");
        startWith(certificates);
        PortException failure = failureOfStart(
                settings("rediss://redmessenger:wrong@127.0.0.1:" + tlsPort, Optional.of(certificates.authority())));
        assertThat(failure.code()).isEqualTo(ErrorCode.STORE_FORBIDDEN);
    }
}

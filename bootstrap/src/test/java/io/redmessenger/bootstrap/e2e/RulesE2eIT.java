package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of the original, with small numbers. */
class RulesE2eIT {

    private static ServerProcess server;
    private static Backend backend;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(
                dataDir,
                "--secure-mode",
                "--queue-limit=3",
                "--queue-expiry=2",
                "--conn-limit=2",
                "--identify-timeout=0.5",
                "--max-message-bytes=1000");
        backend = new Backend(server);
        for (String user : new String[] {"ann", "bob", "cleo", "dora"}) {
            backend.redis().set("rm:users:" + user + ":key", "secret:of:" + user);
        }
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    @Test
    void secureModeShouldLetInOnlyWhoShowsTheKey() {
        try (Client right = Client.connect(server, "ann:secret:of:ann")) {
            Await.until("let in", () -> {
                backend.publish("rm.users.ann", "hello");
                return !right.messages().isEmpty();
            });
        }
        for (String wrong : new String[] {"ann", "ann:", "ann:wrong", "ann:secret:of:bob", "nobody:x"}) {
            try (Client client = Client.connect(server, wrong)) {
                assertThat(client.closed().code()).as(wrong).isEqualTo(4401);
                assertThat(client.received()).isEmpty();
            }
        }
        String json = "{\"type\":\"identify\",\"uid\":\"ann\",\"key\":\"no\"}";
        try (Client client = Client.connect(server, json)) {
            assertThat(client.closed().code()).isEqualTo(4401);
            assertThat(client.notice("error").path("code").asText()).isEqualTo("unauthorized");
            assertThat(client.notice("error").path("retryable").asBoolean()).isFalse();
        }
    }

    @Test
    void overflowShouldDropTheOldestAndSaySo() {
        for (int i = 0; i < 5; i++) {
            backend.publish("rm.users.bob", Integer.toString(i));
        }
        Await.until("two are dropped", () -> backend.waiting("bob") == 3 && backend.metric("dropped_total") >= 2);
        try (Client client =
                Client.connect(server, "{\"type\":\"identify\",\"uid\":\"bob\",\"key\":\"secret:of:bob\"}")) {
            client.await(3);
            assertThat(client.payloads()).containsExactly("2", "3", "4");
            assertThat(client.received().get(0).path("type").asText()).isEqualTo("ready");
            assertThat(client.received().get(0).path("pending").asInt()).isEqualTo(3);
            assertThat(client.received().get(1).path("type").asText()).isEqualTo("missed");
            assertThat(client.received().get(1).path("count").asInt()).isEqualTo(2);
        }
    }

    @Test
    void oldestConnectionShouldGiveWayToOneTooMany() {
        String cleo = "{\"type\":\"identify\",\"uid\":\"cleo\",\"key\":\"secret:of:cleo\"}";
        try (Client first = Client.connect(server, cleo);
                Client second = Client.connect(server, cleo)) {
            first.notice("ready");
            second.notice("ready");
            try (Client third = Client.connect(server, cleo)) {
                third.notice("ready");
                assertThat(first.closed().code()).isEqualTo(4409);
                backend.publish("rm.users.cleo", "hello");
                assertThat(second.await(1).get(0).path("bubble").asBoolean()).isTrue();
                assertThat(third.await(1).get(0).path("bubble").asBoolean()).isFalse();
            }
        }
    }

    @Test
    void eachMessageShouldExpireOnItsOwn() {
        backend.publish("rm.users.dora", "early");
        Await.until("stored", () -> backend.waiting("dora") == 1);
        long early = System.currentTimeMillis();
        Await.until("it is nearly expired", () -> System.currentTimeMillis() - early > 1_500);
        backend.publish("rm.users.dora", "late");
        Await.until("the first is expired", () -> System.currentTimeMillis() - early > 2_100);
        assertThat(backend.waiting("dora")).isEqualTo(2);
        try (Client client = Client.connect(server, "dora:secret:of:dora")) {
            client.await(1);
            assertThat(client.payloads()).containsExactly("late");
            Await.until("the inbox is empty", () -> backend.waiting("dora") == 0);
            assertThat(backend.metric("expired_total")).isEqualTo(1);
        }
        backend.publish("rm.users.erna", "never read");
        Await.until("stored", () -> backend.waiting("erna") == 1);
        Await.until("the inbox vanishes", () -> backend.waiting("erna") == 0);
    }

    @Test
    void badFramesShouldCloseTheirOwnConnectionOnly() {
        try (Client good = Client.connect(server, "ann:secret:of:ann")) {
            assertThat(Client.connect(server).closed().code()).isEqualTo(4408);
            assertThat(Client.connect(server, "a b").closed().code()).isEqualTo(4400);
            assertThat(Client.connect(server, "{\"type\":").closed().code()).isEqualTo(4400);
            assertThat(Client.connect(server).sendBinary().closed().code()).isEqualTo(1003);
            assertThat(Client.connect(server, "x".repeat(1_001)).closed().code())
                    .isEqualTo(1009);
            Client twice = Client.connect(server, "ann:secret:of:ann").send("ann:secret:of:ann");
            assertThat(twice.closed().code()).isEqualTo(4400);
            Await.until("the good one still gets messages", () -> {
                int before = good.messages().size();
                backend.publish("rm.users.ann", "still here");
                return good.await(before + 1).size() > before;
            });
            assertThat(good.isOpen()).isTrue();
        }
    }
}

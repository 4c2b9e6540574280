package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.CredentialStoreContract;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisCredentialStoreIT implements CredentialStoreContract {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private final Nodes nodes = new Nodes(REDIS);

    @BeforeAll
    void start() {
        nodes.start();
    }

    @AfterAll
    void stop() {
        nodes.stop();
    }

    @Override
    public CredentialStore credentials() {
        return nodes.here().credentials();
    }

    @Override
    public void storeSomethingElse(UserId user) {
        REDIS.redis().rpush("rm:users:" + user + ":key", "something else");
    }

    @Test
    void credentialOfShouldReadWhatABackendSets() {
        REDIS.redis().set("rm:users:ann:key", "secret");
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).contains(new Credential("secret"));
    }

    @Test
    void credentialOfShouldBeEmptyWhenNobodyCanShowTheKey() {
        REDIS.redis().set("rm:users:ann:key", "");
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).isEmpty();
        REDIS.redis().set("rm:users:ann:key", "x".repeat(5_000));
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).isEmpty();
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.LeasesContract;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisLeasesIT implements LeasesContract {

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
    public Leases leases() {
        return nodes.here().leases();
    }

    @Override
    public Leases leasesOfAnotherNode() {
        return nodes.there().leases();
    }

    @Override
    public void letExpire(String name) {
        REDIS.redis().pexpire("rm:lease:" + name, 1);
        Await.until("it is over", () -> REDIS.redis().exists("rm:lease:" + name) == 0);
    }

    @Test
    void acquireShouldNameTheHolderAndSetATime() {
        Lease lease = Await.value(leases().acquire(WORK, Duration.ofMinutes(1))).orElseThrow();
        assertThat(lease.holder()).isEqualTo(nodes.here().node());
        assertThat(REDIS.redis().get("rm:lease:work")).isEqualTo(lease.token() + " " + lease.holder());
        assertThat(REDIS.redis().pttl("rm:lease:work")).isBetween(1L, 60_000L);
        Await.value(leases().renew(lease, LONG));
        assertThat(REDIS.redis().pttl("rm:lease:work")).isBetween(60_001L, LONG.toMillis());
    }

    @Test
    void acquireShouldWorkAfterRedisHasForgottenTheScripts() {
        REDIS.redis().scriptFlush();
        assertThat(Await.value(leases().acquire(WORK, LONG))).isPresent();
    }

    @Test
    void acquireShouldFailWhenSomethingElseIsUnderTheName() {
        REDIS.redis().rpush("rm:lease:work", "x");
        assertThat(Await.failure(leases().acquire(WORK, LONG)).code()).isEqualTo(ErrorCode.WRONG_KIND);
    }
}

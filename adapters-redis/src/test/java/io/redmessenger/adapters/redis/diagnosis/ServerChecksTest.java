package io.redmessenger.adapters.redis.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.redis.diagnosis.ServerFacts.ClockReading;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no server of the tests can be brought to say. */
class ServerChecksTest {

    private static final RedisCli CLI =
            new RedisCli("host", 6379, Optional.empty(), false, 0, false, Optional.empty(), false);

    private static Finding find(String check, String info, Duration ahead) {
        ServerFacts facts = new ServerFacts(
                CLI,
                Optional.of(Fields.ofLines(info.replace(' ', '\n'))),
                Optional.empty(),
                Optional.of(new ClockReading(ahead, Duration.ofMillis(1))),
                0,
                false);
        return ServerChecks.of(facts).stream()
                .filter(finding -> finding.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "redis_version:6.0.16, PROBLEM",
        "redis_version:6.2.0, OK",
        "redis_version:8.0.1, OK",
        "redis_version:10.0, OK",
        "redis_version:7.2.4 valkey_version:8.0.1, OK",
        "redis_version:strange, SKIPPED"
    })
    void versionShouldBe6Dot2OrLater(String info, State state) {
        assertThat(find("redis-version", info, Duration.ZERO).state()).isEqualTo(state);
    }

    @ParameterizedTest
    @CsvSource({"0, OK", "1900, OK", "-5000, WARNING", "5000, WARNING", "-90000, PROBLEM"})
    void clockShouldBeTheSame(long ahead, State state) {
        assertThat(find("redis-clock", "", Duration.ofMillis(ahead)).state()).isEqualTo(state);
    }

    @ParameterizedTest
    @CsvSource({
        "used_memory:50 maxmemory:100, OK",
        "used_memory:80 maxmemory:100, WARNING",
        "used_memory:96 maxmemory:100, PROBLEM",
        "used_memory:80 maxmemory:0 total_system_memory:100, WARNING",
        "used_memory:80 maxmemory:0, OK"
    })
    void memoryShouldHaveRoom(String info, State state) {
        assertThat(find("redis-memory", info, Duration.ZERO).state()).isEqualTo(state);
    }

    @ParameterizedTest
    @CsvSource({
        "aof_last_write_status:err, PROBLEM",
        "rdb_last_bgsave_status:err, PROBLEM",
        "aof_last_bgrewrite_status:err, WARNING",
        "aof_last_write_status:ok, OK"
    })
    void savingShouldWork(String info, State state) {
        assertThat(find("redis-saving", info, Duration.ZERO).state()).isEqualTo(state);
    }
}

package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisFailuresTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WRONGTYPE Operation against a key|WRONG_KIND",
                "OOM command not allowed when used memory > 'maxmemory'.|STORE_REFUSED",
                "READONLY You can't write against a read only replica.|STORE_REFUSED",
                "LOADING Redis is loading the dataset in memory|STORE_REFUSED",
                "NOREPLICAS Not enough good replicas to write.|STORE_REFUSED",
                "MISCONF Redis is configured to save RDB snapshots|STORE_REFUSED",
                "BUSY Redis is busy running a script.|STORE_REFUSED",
                "NOAUTH Authentication required.|STORE_FORBIDDEN",
                "WRONGPASS invalid username-password pair|STORE_FORBIDDEN",
                "NOPERM this user has no permissions|STORE_FORBIDDEN",
                "ERR Client sent AUTH, but no password is set|STORE_FORBIDDEN",
                "ERR Error running script (call to f_1): @user_script:9: -OOM command not allowed|STORE_REFUSED",
                "ERR Error running script (call to f_1): @user_script:9: WRONGTYPE Operation against a key|WRONG_KIND",
                "@user_script: 118: -READONLY You can't write against a read only replica.|STORE_REFUSED",
                "ERR Error running script (call to f_1): @user_script:9: Script attempted to access|INTERNAL",
                "ERR The user executing the script can't run this command or subcommand script: 1f|STORE_FORBIDDEN",
                "ERR unknown command|INTERNAL",
                "NONSENSE|INTERNAL",
            })
    void translateShouldReadWhatRedisAnswers(String message, ErrorCode expected) {
        Throwable answer = new RedisCommandExecutionException(message);
        assertThat(RedisFailures.translate(answer).code()).isEqualTo(expected);
        assertThat(RedisFailures.translate(new CompletionException(answer)).code())
                .isEqualTo(expected);
        assertThat(RedisFailures.translate(new RedisConnectionException("cannot connect", answer))
                        .code())
                .isEqualTo(expected);
    }

    @Test
    void translateShouldTakeSilenceAndDisconnectsForUnavailability() {
        assertThat(RedisFailures.translate(new RedisCommandTimeoutException("2 s"))
                        .code())
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(RedisFailures.translate(new RedisException("Connection disconnected"))
                        .code())
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(RedisFailures.translate(new IOException("reset")).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OOM command not allowed when used memory > 'maxmemory'.|true|false",
                "MISCONF Redis is configured to save RDB snapshots|true|false",
                "NOREPLICAS Not enough good replicas to write.|true|false",
                "ERR Error running script (call to f_1): @user_script:9: -OOM command not allowed|true|false",
                "READONLY You can't write against a read only replica.|false|true",
                "MASTERDOWN Link with MASTER is down|false|true",
                "LOADING Redis is loading the dataset in memory|false|false",
                "NOPERM this user has no permissions|false|false",
            })
    void aRefusalShouldTellWhetherTheDataStay(String message, boolean onlyWrites, boolean replica) {
        PortException refusal = RedisFailures.translate(new RedisCommandExecutionException(message));
        assertThat(RedisFailures.refusesOnlyWrites(refusal)).isEqualTo(onlyWrites);
        assertThat(RedisFailures.isReadOnly(refusal)).isEqualTo(replica);
    }

    @Test
    void aFailedConnectionShouldSayWhy() {
        Throwable failure =
                new RedisConnectionException("Unable to connect to r:1", new IOException("Connection refused"));
        assertThat(RedisFailures.translate(failure))
                .hasMessageContaining("r:1")
                .hasMessageContaining("Connection refused");
    }

    @Test
    void translateShouldKeepWhatIsOursAndOwnUpToDefects() {
        PortException ours = new PortException(ErrorCode.OVERLOADED, "full");
        assertThat(RedisFailures.translate(new CompletionException(ours))).isSameAs(ours);
        assertThat(RedisFailures.translate(new IllegalStateException("defect")).code())
                .isEqualTo(ErrorCode.INTERNAL);
    }
}

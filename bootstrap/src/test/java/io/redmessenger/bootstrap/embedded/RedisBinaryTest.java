package io.redmessenger.bootstrap.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisBinaryTest {

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64",
        "Linux, x86_64",
        "Linux, aarch64",
        "Linux, i386",
        "Mac OS X, x86_64",
        "Mac OS X, aarch64"
    })
    void thereShouldBeOneForThePlatformsThatWeName(String system, String architecture) {
        assertThat(RedisBinary.forPlatform(system, architecture)).isNotNull();
    }

    @Test
    void thereShouldBeAnAdviceForTheOthers() {
        assertThatThrownBy(() -> RedisBinary.forPlatform("Windows 11", "amd64"))
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessage(
                        "there is no embedded Redis for Windows 11 on amd64; run a Redis of your own and set redis_host"
                                + " or redis_url");
    }
}

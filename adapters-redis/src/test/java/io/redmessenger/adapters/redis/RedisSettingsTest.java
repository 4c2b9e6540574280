package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisSettingsTest {

    @Test
    void toStringShouldShowNoPassword() {
        RedisSettings settings = new RedisSettings(
                "redis://user:secret@host:7000/3",
                Optional.of("other-secret"),
                OptionalInt.of(4),
                Duration.ofSeconds(1),
                100);
        assertThat(settings.toString()).contains("redis://host:7000").doesNotContain("secret");
        assertThat(settings.address()).isEqualTo("redis://host:7000");
        assertThat(settings.lettuceUri().getDatabase()).isEqualTo(4);
    }

    @Test
    void defaultsShouldBeAsDocumented() {
        RedisSettings settings = RedisSettings.of("rediss://host");
        assertThat(settings.commandTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.maxPayloadBytes()).isEqualTo(65_536);
        assertThat(settings.address()).isEqualTo("rediss://host:6379");
        assertThat(settings.lettuceUri().isSsl()).isTrue();
        assertThat(settings.lettuceUri().isVerifyPeer()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "http://host", "redis://", "redis://:secret@:x", "redis://h:secret"})
    void aBadUriShouldBeRefusedWithoutQuotingIt(String uri) {
        assertThatThrownBy(() -> RedisSettings.of(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @Test
    void keysShouldBeThoseOfTheDocumentation() {
        UserId ann = new UserId("ann");
        assertThat(text(RedisKeys.plain().messages(ann))).isEqualTo("rm:users:ann:messages");
        assertThat(text(RedisKeys.plain().state(ann))).isEqualTo("rm:users:ann:state");
        assertThat(text(RedisKeys.plain().key(ann))).isEqualTo("rm:users:ann:key");
        assertThat(text(RedisKeys.plain().subscribers(new GroupId("c")))).isEqualTo("rm:channels:c:subscribers");
        assertThat(text(RedisKeys.clustered().messages(ann))).isEqualTo("rm:users:{ann}:messages");
        assertThat(text(RedisKeys.clustered().subscribers(new GroupId("c")))).isEqualTo("rm:channels:{c}:subscribers");
        assertThat(text(RedisKeys.nodeChannel("n"))).isEqualTo("rm:node:n");
        assertThat(text(RedisKeys.probeChannel("n"))).isEqualTo("rm:probe:n");
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.US_ASCII);
    }
}

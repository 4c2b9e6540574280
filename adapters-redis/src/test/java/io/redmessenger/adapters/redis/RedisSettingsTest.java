package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisURI;
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
        assertThat(settings.lettuceUris().get(0).getDatabase()).isEqualTo(4);
    }

    @Test
    void defaultsShouldBeAsDocumented() {
        RedisSettings settings = RedisSettings.of("rediss://host");
        assertThat(settings.commandTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.maxPayloadBytes()).isEqualTo(65_536);
        assertThat(settings.address()).isEqualTo("rediss://host:6379");
        assertThat(settings.lettuceUris().get(0).isSsl()).isTrue();
        assertThat(settings.lettuceUris().get(0).isVerifyPeer()).isTrue();
    }

    @Test
    void sentinelsShouldBeAskedWithAndWithoutThePasswordOfTheRedis() {
        RedisSettings settings = RedisSettings.of("redis-sentinel://:secret@a:1,b,c:3/2#mymaster");
        assertThat(settings.sentinelMaster()).contains("mymaster");
        assertThat(settings.toString()).contains("redis://a:1").doesNotContain("secret");
        assertThat(settings.sentinels()).extracting(RedisURI::getPort).containsExactly(1, 26_379, 3, 1, 26_379, 3);
        assertThat(settings.sentinels()).extracting(RedisURI::getDatabase).containsOnly(0);
        assertThat(settings.lettuceUris().get(0).getDatabase()).isEqualTo(2);
        assertThat(RedisSettings.of("redis-sentinel://a,b#m").sentinels()).hasSize(2);
    }

    @Test
    void aClusterShouldHaveSeveralNodesAndNoDatabase() {
        RedisSettings settings = RedisSettings.ofCluster("rediss://u:secret@a:1,b:2");
        assertThat(settings.lettuceUris()).extracting(RedisURI::getHost).containsExactly("a", "b");
        assertThat(settings.lettuceUris()).allMatch(RedisURI::isSsl);
        assertThat(settings.toString()).contains("rediss://a:1").doesNotContain("secret");
        assertThatThrownBy(() -> RedisSettings.ofCluster("redis://a/1")).hasMessageContaining("database 0 only");
        assertThatThrownBy(() -> RedisSettings.of("redis://a,b")).hasMessageContaining("only a Redis Cluster");
        assertThatThrownBy(() -> RedisSettings.ofCluster("redis-sentinel://a#m"))
                .hasMessageContaining("no sentinels");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis-sentinel://a",
                "redis-sentinel://:secret@#m",
                "redis://a#m",
                "redis://:secret@,b",
                "",
                "host",
                "http://host",
                "redis://",
                "redis://:secret@:x",
                "redis://h:secret"
            })
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
        assertThat(text(RedisKeys.plain().probe("n"))).isEqualTo("rm:probe:n");
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.US_ASCII);
    }
}

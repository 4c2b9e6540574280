package io.redmessenger.adapters.redis.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.Finding.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RedisRightsTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "redis-data-model.md");
    private static final Pattern RULES = Pattern.compile(
            "```\\nACL SETUSER redmessenger on >PASSWORD resetkeys resetchannels -@all(.*?)```", Pattern.DOTALL);
    private static final RedisCli CLI =
            new RedisCli("host", 6379, Optional.of("ann"), true, 0, false, Optional.empty(), false);

    /** When this fails, a right was added to the documentation: give an example of its use in {@link RedisRights}. */
    @Test
    void rulesShouldBeThoseOfTheDocumentation() throws IOException {
        Matcher documented = RULES.matcher(Files.readString(DOCUMENT));
        assertThat(documented.find()).isTrue();
        assertThat(RedisRights.of(false).rules())
                .containsExactlyInAnyOrder(documented.group(1).strip().split("\\s+", -1));
    }

    @Test
    void anOldRedisShouldBeSkipped() {
        assertThat(RedisRights.of(false).judge(CLI, "ann", List.of()).state()).isEqualTo(State.SKIPPED);
    }

    @Test
    void aMissingOptionalRightShouldBeAWarning() {
        RedisRights rights = RedisRights.of(true);
        List<Long> allowed =
                new java.util.ArrayList<>(Collections.nCopies(rights.commands().size(), 1L));
        assertThat(rights.judge(CLI, "ann", allowed).state()).isEqualTo(State.OK);
        allowed.set(rights.commands().indexOf(List.of("INFO", "replication")), 0L);
        assertThat(rights.judge(CLI, "ann", allowed).state()).isEqualTo(State.WARNING);
        allowed.set(rights.commands().indexOf(List.of("TIME")), -1L);
        assertThat(rights.judge(CLI, "ann", allowed).state()).isEqualTo(State.PROBLEM);
    }

    @Test
    void commandsShouldBeReadyToPaste() {
        assertThat(RedisCli.quoted("a'b c")).isEqualTo("'a'\\''b c'");
        assertThat(CLI.command("PING")).isEqualTo("redis-cli -h host -p 6379 --user ann --askpass PING");
        assertThat(CLI.administrator("PING")).isEqualTo("redis-cli -h host -p 6379 --user default --askpass PING");
        assertThat(CLI.configuration(true, "save", ""))
                .contains("CONFIG SET save ''")
                .endsWith("CONFIG REWRITE");
    }
}

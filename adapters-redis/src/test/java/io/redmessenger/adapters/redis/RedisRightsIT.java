package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The rights that the documentation tells operators to give are enough for the ways in. */
class RedisRightsIT {

    @RegisterExtension
    static final RedisExtension REDIS = new RedisExtension();

    private static final Path DOCUMENT = Path.of("..", "docs", "redis-data-model.md");
    private static final Pattern RULES = Pattern.compile("```\\nACL SETUSER redmessenger (.*?)```", Pattern.DOTALL);
    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(1), 100);

    @AfterEach
    void removeUser() {
        REDIS.redis().aclDeluser("redmessenger");
    }

    private static String documented() throws IOException {
        Matcher rules = RULES.matcher(Files.readString(DOCUMENT, UTF_8));
        assertThat(rules.find()).isTrue();
        return rules.group(1).strip();
    }

    private static void createUser(String rules) {
        CommandArgs<String, String> arguments =
                new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("redmessenger");
        for (String rule : rules.replace(">PASSWORD", ">secret").split("\\s+", -1)) {
            arguments.add(rule);
        }
        assertThat(REDIS.redis().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments))
                .isEqualTo("OK");
    }

    @Test
    void documentedRightsShouldSuffice() throws IOException {
        createUser(documented());
        String uri = "redis://redmessenger:secret@" + REDIS.host() + ":" + REDIS.port();
        RedisAdapter adapter =
                new RedisAdapter(RedisSettings.of(uri), "node", new CountingTelemetry(), Clock.systemUTC());
        Await.value(adapter.start());
        try {
            Publisher publisher = publication -> adapter.inbox()
                    .append(publication.message(), List.of((UserId) publication.to()), POLICY, publication.again())
                    .thenApply(results -> new Publisher.Receipt(1, 0, 0));
            Await.value(adapter.startIngress(publisher, new MessageIds(1)));
            REDIS.redis().publish("rm.users.ann", "live");
            REDIS.redis().xadd("rm:publish", "to", "rm.users.ann", "payload", "durable", "id", "k", "ttl", "60000");
            REDIS.redis().xadd("rm:publish", "to", "nobody", "payload", "dead");
            Await.until("both are stored", () -> REDIS.redis().llen("rm:users:ann:messages") == 2);
            Await.until("one is a dead letter", () -> REDIS.redis().exists("rm:dead") == 1);
            Await.until("the stream is empty", () -> REDIS.redis().xlen("rm:publish") == 0);
            Await.value(adapter.stopIngress());
            assertThat(REDIS.redis().exists("rm:lease:publish")).isZero();
            assertThat(aclLog()).isEmpty();
        } finally {
            Await.value(adapter.stop());
        }
    }

    private static Optional<String> aclLog() {
        return REDIS.redis().aclLog().stream().map(Object::toString).findFirst();
    }
}

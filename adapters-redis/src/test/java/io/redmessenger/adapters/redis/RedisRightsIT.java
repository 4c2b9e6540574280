package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Consumer;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

    /** What the documented line allows by name is used; the test's own calls on the same server are not counted. */
    @Test
    @SuppressWarnings("unchecked") // an array of streams
    void everyDocumentedCommandShouldBeNeeded() throws IOException {
        createUser(documented());
        String uri = "redis://redmessenger:secret@" + REDIS.host() + ":" + REDIS.port();
        Map<String, Integer> own = Map.of("xadd", 4, "publish", 2, "del", 1);
        REDIS.redis().xadd("rm:publish", "to", "rm.users.eve", "payload", "taken over"); // by a reader that has died
        REDIS.redis().xgroupCreate(XReadArgs.StreamOffset.from("rm:publish", "0"), "redmessenger");
        REDIS.redis()
                .xreadgroup(Consumer.from("redmessenger", "reader"), XReadArgs.StreamOffset.lastConsumed("rm:publish"));
        REDIS.redis().configResetstat();
        try (LiveNode node = LiveNode.start(RedisSettings.of(uri))) {
            LiveNode.Client ann = node.open(new UserId("ann"));
            ann.connection().awaitOpened();
            REDIS.redis().publish("rm.users.ann", "one");
            REDIS.redis().publish("rm.users.ann", "two");
            ann.acknowledgeUntil(2);
            ann.session().closed();
            REDIS.redis().xadd("rm:publish", "to", "rm.users.ann", "payload", "durable", "id", "k", "ttl", "60000");
            REDIS.redis().xadd("rm:publish", "to", "rm.users.ann", "payload", "durable", "id", "k");
            REDIS.redis().xadd("rm:publish", "to", "nobody", "payload", "dead");
            Await.until(
                    "the stream is read",
                    () -> node.telemetry.of(Event.PUBLICATION_BURIED) == 1
                            && node.telemetry.of(Event.PUBLICATION_REPEATED) == 1
                            && node.telemetry.of(Event.PUBLICATION_TAKEN_OVER) == 1);
            long before = node.telemetry.of(Event.PUBLICATION_ACCEPTED);
            REDIS.redis().del("rm:publish");
            REDIS.redis().xadd("rm:publish", "to", "rm.users.ann", "payload", "in a new stream");
            Await.until("the new stream is read", () -> node.telemetry.of(Event.PUBLICATION_ACCEPTED) == before + 1);
            appendPastTheLimit(node);
            keepMembersAndKeys(node);
            Await.value(node.adapter.stopIngress());
            String statistics = REDIS.redis().info("commandstats");
            for (String rule : documented().split("\\s+", -1)) {
                if (rule.startsWith("+") && !rule.startsWith("+@")) {
                    String command = rule.substring(1);
                    assertThat(calls(statistics, command))
                            .as("calls of " + command)
                            .isGreaterThan(own.getOrDefault(command, 0));
                }
            }
        }
    }

    private static void appendPastTheLimit(LiveNode node) {
        UserId bob = new UserId("bob");
        InboxPolicy small = new InboxPolicy(Duration.ofDays(1), 2);
        for (int i = 0; i < 5; i++) {
            Message message = new Message(new MessageId("b" + i), "rm.users.bob", 1, new Payload("x"));
            Await.value(node.adapter.inbox().append(message, List.of(bob), small, false));
            Await.value(node.adapter.inbox().append(message, List.of(bob), small, true));
        }
        Await.value(node.adapter.inbox().peek(bob, 10));
        Await.value(node.adapter.inbox().clear(bob));
    }

    private static void keepMembersAndKeys(LiveNode node) {
        GroupId cats = new GroupId("cats");
        UserId ann = new UserId("ann");
        Await.value(node.adapter.groups().add(cats, ann));
        Await.value(node.adapter.groups().size(cats));
        Await.value(node.adapter.groups().members(cats, GroupMembership.START));
        Await.value(node.adapter.groups().remove(cats, ann));
        Await.value(node.adapter.credentials().set(ann, new Credential("k")));
        Await.value(node.adapter.credentials().credentialOf(ann));
        Await.value(node.adapter.credentials().revoke(ann));
    }

    private static int calls(String statistics, String command) {
        Matcher line = Pattern.compile("(?m)^cmdstat_" + command + "(?:\\|\\S+?)?:calls=(\\d+)")
                .matcher(statistics);
        int calls = 0;
        while (line.find()) {
            calls += Integer.parseInt(line.group(1));
        }
        return calls;
    }

    private static Optional<String> aclLog() {
        return REDIS.redis().aclLog().stream().map(Object::toString).findFirst();
    }
}

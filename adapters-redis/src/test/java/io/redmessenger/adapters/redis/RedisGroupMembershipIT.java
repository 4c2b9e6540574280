package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.contract.GroupMembershipContract;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisGroupMembershipIT implements GroupMembershipContract {

    private static final Logger log = LoggerFactory.getLogger(RedisGroupMembershipIT.class);

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
    public GroupMembership groups() {
        return nodes.here().groups();
    }

    @Override
    public void addDirectly(GroupId group, String member) {
        REDIS.redis().sadd("rm:channels:" + group + ":subscribers", member);
    }

    @Override
    public void storeSomethingElse(GroupId group) {
        REDIS.redis().set("rm:channels:" + group + ":subscribers", "something else");
    }

    @Test
    void aChannelOf100000MembersShouldNeverHoldRedisUp() {
        int size = 100_000;
        for (int from = 0; from < size; from += 10_000) {
            REDIS.redis()
                    .sadd(
                            "rm:channels:cats:subscribers",
                            IntStream.range(from, from + 10_000)
                                    .mapToObj(i -> "user" + i)
                                    .toArray(String[]::new));
        }
        REDIS.redis().configSet("slowlog-log-slower-than", "200");
        REDIS.redis().configSet("slowlog-max-len", "10000");
        REDIS.redis().slowlogReset();
        Message message = new Message(new MessageId("m1"), "rm.channels.cats", 1, new Payload("x".repeat(128)));
        InboxPolicy policy = new InboxPolicy(Duration.ofDays(7), 1000);

        Set<UserId> met = new HashSet<>();
        List<AppendResult> results = new ArrayList<>();
        String cursor = GroupMembership.START;
        do {
            GroupMembership.Members members = Await.value(groups().members(CATS, cursor));
            assertThat(members.users()).hasSizeBetween(0, 3_000);
            members.users().stream().filter(met::add).forEach(user -> {});
            results.addAll(Await.value(nodes.here().inbox().append(message, members.users(), policy, false)));
            cursor = members.next();
        } while (!cursor.equals(GroupMembership.START));

        assertThat(met).hasSize(size);
        assertThat(results).hasSizeGreaterThanOrEqualTo(size);
        List<Long> micros = new ArrayList<>();
        for (Object entry : REDIS.redis().slowlogGet(10_000)) {
            String command = String.valueOf(((List<?>) ((List<?>) entry).get(3)).get(0));
            if (command.startsWith("EVAL") || command.equals("SSCAN")) {
                micros.add((Long) ((List<?>) entry).get(2));
            }
        }
        micros.sort(null);
        log.info(
                "walk and append for {} members: {} calls above 0.2 ms, median {} us, 95 % {} us, longest {} us",
                size,
                micros.size(),
                micros.get(micros.size() / 2),
                micros.get(micros.size() * 95 / 100),
                micros.get(micros.size() - 1));
        assertThat(micros).as("each call of 128 users takes longer than that").hasSizeGreaterThan(400);
        assertThat(micros.get(micros.size() / 2))
                .as("the median, in us: the longest on a busy machine says more about the machine")
                .isLessThan(5_000);
    }
}

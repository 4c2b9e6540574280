package io.redmessenger.adapters.redis;

import io.redmessenger.application.contract.InboxContract;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisInboxIT implements InboxContract {

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
    public Inbox inbox() {
        return nodes.here().inbox();
    }

    @Override
    public Inbox inboxOfAnotherNode() {
        return nodes.there().inbox();
    }

    @Override
    public Leases leases() {
        return nodes.here().leases();
    }

    @Override
    public void storeSomethingElse(UserId user) {
        REDIS.redis().set("rm:users:" + user + ":messages", "something else");
    }

    /** Redis' own clock goes by itself. */
    @Override
    public void elapse(Duration time) {}
}

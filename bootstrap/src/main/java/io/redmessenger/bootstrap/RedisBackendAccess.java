package io.redmessenger.bootstrap;

import io.redmessenger.adapters.redis.RedisAdapter;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.service.AdministerService;
import io.redmessenger.bootstrap.cli.BackendAccess;
import io.redmessenger.bootstrap.cli.CommandFailure;
import io.redmessenger.bootstrap.cli.ExitCode;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** What a command does with Redis itself, on a connection of its own. */
final class RedisBackendAccess implements BackendAccess {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RedisAdapter adapter;

    RedisBackendAccess(Configuration configuration) {
        adapter = new RedisAdapter(
                AdapterSettings.redis(configuration), configuration.nodeId(), (event, amount) -> {}, Clock.systemUTC());
        try {
            Stages.await(adapter.start(), LIMIT);
        } catch (PortException failure) {
            adapter.stop();
            throw failure;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.DEFECT, "interrupted", e);
        }
    }

    @Override
    public CompletionStage<Long> publish(Recipient to, Payload payload) {
        return adapter.publish(to.address(), payload.text());
    }

    @Override
    public Administration administration() {
        return new AdministerService(adapter.inbox(), adapter.groups(), adapter.credentials());
    }

    @Override
    public void close() {
        try {
            Stages.await(adapter.stop(), LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.redmessenger.bootstrap.wiring;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.redmessenger.adapters.redis.RedisAdapter;
import io.redmessenger.adapters.redis.RedisSettings;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Telemetry;
import java.time.Clock;

/** The ports out that Redis serves. Creating the adapter connects. */
public final class RedisModule extends PrivateModule {

    private final RedisSettings settings;
    private final String nodeId;

    public RedisModule(RedisSettings settings, String nodeId) {
        this.settings = settings;
        this.nodeId = nodeId;
    }

    @Override
    protected void configure() {}

    @Provides
    @Singleton
    @Exposed
    RedisAdapter adapter(Telemetry telemetry, Clock clock) {
        return new RedisAdapter(settings, nodeId, telemetry, clock);
    }

    @Provides
    @Exposed
    Inbox inbox(RedisAdapter adapter) {
        return adapter.inbox();
    }

    @Provides
    @Exposed
    GroupMembership groups(RedisAdapter adapter) {
        return adapter.groups();
    }

    @Provides
    @Exposed
    CredentialStore credentials(RedisAdapter adapter) {
        return adapter.credentials();
    }

    @Provides
    @Exposed
    NodeSignals signals(RedisAdapter adapter) {
        return adapter.signals();
    }
}

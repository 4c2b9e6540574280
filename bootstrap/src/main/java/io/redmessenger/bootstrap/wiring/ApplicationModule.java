package io.redmessenger.bootstrap.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.service.AdministerService;
import io.redmessenger.application.service.Lanes;
import io.redmessenger.application.service.OpenSessionService;
import io.redmessenger.application.service.PublishMessageService;
import io.redmessenger.application.service.SessionSettings;
import java.security.SecureRandom;
import java.time.Clock;

/** The services behind the ports in. */
public final class ApplicationModule extends AbstractModule {

    private final SessionSettings settings;

    public ApplicationModule(SessionSettings settings) {
        this.settings = settings;
    }

    @Override
    protected void configure() {
        binder().requireExplicitBindings();
    }

    @Provides
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Provides
    @Singleton
    MessageIds messageIds() {
        return new MessageIds(new SecureRandom().nextLong());
    }

    @Provides
    @Singleton
    Lanes lanes() {
        return Lanes.ofThreads(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    @Provides
    @Singleton
    OpenSessionService sessionService(
            Inbox inbox,
            CredentialStore credentials,
            NodeSignals signals,
            Telemetry telemetry,
            Clock clock,
            Lanes lanes) {
        return new OpenSessionService(inbox, credentials, signals, telemetry, clock, settings, lanes);
    }

    @Provides
    Sessions sessions(OpenSessionService service) {
        return service;
    }

    @Provides
    @Singleton
    Publisher publisher(Inbox inbox, GroupMembership groups, OpenSessionService sessions, Telemetry telemetry) {
        return new PublishMessageService(inbox, groups, sessions, telemetry, settings.inbox());
    }

    @Provides
    @Singleton
    Administration administration(Inbox inbox, GroupMembership groups, CredentialStore credentials) {
        return new AdministerService(inbox, groups, credentials);
    }
}

package io.redmessenger.bootstrap.wiring;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.redmessenger.adapters.websocket.ServerSettings;
import io.redmessenger.adapters.websocket.WebSocketAdapter;
import io.redmessenger.adapters.websocket.api.PrometheusTelemetry;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.application.port.out.Telemetry;

/** The network's side: the server, and the telemetry that it shows. */
public final class NetworkModule extends PrivateModule {

    private final ServerSettings settings;

    public NetworkModule(ServerSettings settings) {
        this.settings = settings;
    }

    @Override
    protected void configure() {}

    @Provides
    @Singleton
    PrometheusTelemetry prometheus() {
        return new PrometheusTelemetry();
    }

    @Provides
    @Exposed
    Telemetry telemetry(PrometheusTelemetry prometheus) {
        return prometheus;
    }

    @Provides
    @Singleton
    @Exposed
    WebSocketAdapter adapter(
            Sessions sessions,
            Publisher publisher,
            Administration administration,
            MessageIds ids,
            PrometheusTelemetry telemetry,
            NodeSignals signals) {
        return new WebSocketAdapter(
                settings, sessions, publisher, administration, ids, telemetry, signals::isStoreAvailable);
    }
}

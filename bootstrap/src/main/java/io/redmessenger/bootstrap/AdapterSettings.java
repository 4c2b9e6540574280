package io.redmessenger.bootstrap;

import io.redmessenger.adapters.redis.RedisSettings;
import io.redmessenger.adapters.websocket.ServerSettings;
import io.redmessenger.application.service.SessionSettings;
import io.redmessenger.bootstrap.config.AllowedOrigins;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.RedisTarget;
import io.redmessenger.domain.delivery.InboxPolicy;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What each part of the server is told of the configuration. */
final class AdapterSettings {

    private AdapterSettings() {}

    static RedisSettings redis(Configuration configuration) {
        if (configuration.redis() instanceof RedisTarget.External external) {
            return new RedisSettings(
                    external.uri().toString(),
                    external.cluster(),
                    Optional.empty(),
                    OptionalInt.empty(),
                    RedisSettings.COMMAND_TIMEOUT,
                    configuration.maxMessageBytes(),
                    configuration.redisTlsCa(),
                    configuration.redisWaitReplicas());
        }
        throw new IllegalStateException("the embedded Redis has not been started yet");
    }

    static SessionSettings sessions(Configuration configuration) {
        return new SessionSettings(
                configuration.secureMode(),
                configuration.connLimit(),
                new InboxPolicy(configuration.queueExpiry(), configuration.queueLimit()));
    }

    static ServerSettings server(Configuration configuration) {
        return new ServerSettings(
                configuration.wsHost(),
                configuration.wsPort(),
                configuration.rmRoute(),
                configuration.maxConnections(),
                configuration.maxMessageBytes(),
                configuration.identifyTimeout(),
                configuration.pingInterval(),
                configuration.pingTimeout(),
                origins(configuration.allowedOrigins()));
    }

    private static Set<String> origins(AllowedOrigins allowed) {
        if (allowed instanceof AllowedOrigins.Listed listed) {
            return listed.origins();
        }
        return allowed instanceof AllowedOrigins.Any ? Set.of("*") : Set.of();
    }
}

package io.redmessenger.adapters.websocket.canary;

import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Breaks the rule of naming: it implements a port and does not say with what. */
public final class NamesNoTechnology implements CredentialStore {
    @Override
    public CompletionStage<Optional<Credential>> credentialOf(UserId user) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletionStage<Void> set(UserId user, Credential credential) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> revoke(UserId user) {
        return CompletableFuture.completedFuture(false);
    }
}

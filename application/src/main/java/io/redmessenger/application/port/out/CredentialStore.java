package io.redmessenger.application.port.out;

import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The users' keys. Safe for concurrent use; stages fail only with {@link PortException}. */
public interface CredentialStore {

    /** The user's key; empty when the user has none, and so cannot connect in secure mode. */
    CompletionStage<Optional<Credential>> credentialOf(UserId user);

    /** Sets or replaces the user's key. */
    CompletionStage<Void> set(UserId user, Credential credential);

    /** Returns whether there was a key to revoke. */
    CompletionStage<Boolean> revoke(UserId user);
}

package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Keys in memory. */
public final class InMemoryCredentialStore implements CredentialStore {

    private final Map<UserId, Credential> keys = new ConcurrentHashMap<>();
    private final Set<UserId> somethingElse = ConcurrentHashMap.newKeySet();
    private final StoreCalls calls = new StoreCalls();

    /** Makes calls fail or wait. */
    public StoreCalls calls() {
        return calls;
    }

    /** Puts something that is no key under the name of the user's key. */
    public void storeSomethingElse(UserId user) {
        somethingElse.add(user);
    }

    @Override
    public CompletionStage<Optional<Credential>> credentialOf(UserId user) {
        return calls.call(() -> {
            if (somethingElse.contains(user)) {
                throw new PortException(ErrorCode.WRONG_KIND, "the key of " + user + " is something else");
            }
            return Optional.ofNullable(keys.get(user));
        });
    }

    @Override
    public CompletionStage<Void> set(UserId user, Credential credential) {
        return calls.call(() -> {
                    somethingElse.remove(user);
                    keys.put(user, credential);
                    return true;
                })
                .thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Boolean> revoke(UserId user) {
        return calls.call(() -> {
            boolean was = somethingElse.remove(user);
            return keys.remove(user) != null || was;
        });
    }
}

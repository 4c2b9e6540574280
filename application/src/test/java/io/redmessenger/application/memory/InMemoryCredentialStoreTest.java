package io.redmessenger.application.memory;

import io.redmessenger.application.contract.CredentialStoreContract;
import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.domain.recipient.UserId;

class InMemoryCredentialStoreTest implements CredentialStoreContract {

    private final InMemoryCredentialStore credentials = new InMemoryCredentialStore();

    @Override
    public CredentialStore credentials() {
        return credentials;
    }

    @Override
    public void storeSomethingElse(UserId user) {
        credentials.storeSomethingElse(user);
    }
}

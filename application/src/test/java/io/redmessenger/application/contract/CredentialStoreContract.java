package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.CredentialStore;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import org.junit.jupiter.api.Test;

/** What every {@link CredentialStore} does. */
public interface CredentialStoreContract {

    UserId KEYHOLDER = new UserId("ann");

    CredentialStore credentials();

    /** Puts something that is no key under the name of the user's key. */
    void storeSomethingElse(UserId user);

    @Test
    default void credentialOfShouldBeEmptyWhenThereIsNone() {
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).isEmpty();
    }

    @Test
    default void setShouldReplaceTheKey() {
        Await.value(credentials().set(KEYHOLDER, new Credential("first")));
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).contains(new Credential("first"));
        Await.value(credentials().set(KEYHOLDER, new Credential("sécond: \"😀\"")));
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).contains(new Credential("sécond: \"😀\""));
        assertThat(Await.value(credentials().credentialOf(new UserId("bob")))).isEmpty();
    }

    @Test
    default void revokeShouldTellWhetherThereWasAKey() {
        Await.value(credentials().set(KEYHOLDER, new Credential("first")));
        assertThat(Await.value(credentials().revoke(KEYHOLDER))).isTrue();
        assertThat(Await.value(credentials().revoke(KEYHOLDER))).isFalse();
        assertThat(Await.value(credentials().credentialOf(KEYHOLDER))).isEmpty();
    }

    @Test
    default void credentialOfShouldFailWhenTheKeyIsSomethingElse() {
        storeSomethingElse(KEYHOLDER);
        assertThat(Await.failure(credentials().credentialOf(KEYHOLDER)).code()).isEqualTo(ErrorCode.WRONG_KIND);
    }
}

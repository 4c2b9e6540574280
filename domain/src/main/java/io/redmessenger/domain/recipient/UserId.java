package io.redmessenger.domain.recipient;

/**
 * Names one user.
 *
 * @param value 1 to 128 characters of {@code A-Z a-z 0-9 . _ @ + -}
 */
public record UserId(String value) implements Recipient {

    public UserId {
        value = Name.checked("user id", value);
    }

    @Override
    public String address() {
        return USERS + value;
    }

    @Override
    public String toString() {
        return value;
    }
}

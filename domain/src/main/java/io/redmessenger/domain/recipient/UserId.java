package io.redmessenger.domain.recipient;

import org.jspecify.annotations.Nullable;

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

    /** The text's own, which remembers it: a record's would be computed by each of many look-ups. */
    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof UserId that && value.equals(that.value));
    }

    @Override
    public String toString() {
        return value;
    }
}

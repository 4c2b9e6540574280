package io.redmessenger.domain.recipient;

/**
 * Names a group of users. On the wire it is called a channel.
 *
 * @param value 1 to 128 characters of {@code A-Z a-z 0-9 . _ @ + -}
 */
public record GroupId(String value) implements Recipient {

    public GroupId {
        value = Name.checked("channel id", value);
    }

    @Override
    public String address() {
        return CHANNELS + value;
    }

    @Override
    public String toString() {
        return value;
    }
}

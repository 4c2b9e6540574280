package io.redmessenger.domain.recipient;

/** To whom a message goes: {@linkplain UserId one user}, or every member of {@linkplain GroupId a group}. */
public sealed interface Recipient permits UserId, GroupId {

    /** What the address of a user begins with. */
    String USERS = "rm.users.";

    /** What the address of a group begins with. */
    String CHANNELS = "rm.channels.";

    /** The address: {@code rm.users.ID} or {@code rm.channels.ID}. {@link #parse} is its inverse. */
    String address();

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException when it names neither a user nor a channel, or the id is outside the grammar;
     *     the message says which
     */
    static Recipient parse(String address) {
        if (address.startsWith(USERS)) {
            return new UserId(address.substring(USERS.length()));
        }
        if (address.startsWith(CHANNELS)) {
            return new GroupId(address.substring(CHANNELS.length()));
        }
        throw new IllegalArgumentException(
                "an address begins with rm.users. or rm.channels., got " + Name.quoted(address));
    }
}

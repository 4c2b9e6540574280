package io.redmessenger.domain.message;

/**
 * A message as it was accepted.
 *
 * @param id unique, and the same in every redelivery
 * @param source the address that it was published to, such as {@code rm.users.user1} or {@code rm.channels.cats}
 * @param timestamp when it was accepted, in Unix milliseconds
 * @param payload what the publisher said
 * @param ttl how long the publisher lets it wait, in milliseconds from {@code timestamp}, 1 or more; {@link #NO_TTL}
 *     leaves that to the inbox's policy
 */
public record Message(MessageId id, String source, long timestamp, Payload payload, long ttl) {

    /** The publisher set no limit of its own to how long the message may wait. */
    public static final long NO_TTL = Long.MAX_VALUE;

    /** It does not expire on its own, only with the inbox as a whole: so it was with the original's messages. */
    public static final long LIFE_OF_INBOX = Long.MAX_VALUE - 1;

    public Message {
        if (ttl < 1) {
            throw new IllegalArgumentException("ttl must be 1 ms or more, got " + ttl);
        }
    }

    public Message(MessageId id, String source, long timestamp, Payload payload) {
        this(id, source, timestamp, payload, NO_TTL);
    }
}

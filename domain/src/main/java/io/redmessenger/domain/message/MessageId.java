package io.redmessenger.domain.message;

import org.jspecify.annotations.Nullable;

/**
 * Names one message, the same in every redelivery. Clients recognise a message that they have shown by it alone.
 *
 * @param value 1 to 128 printable ASCII characters other than the space, {@code "} and {@code \}, so that it needs no
 *     escaping in JSON, in a header or in an event stream
 */
public record MessageId(String value) {

    private static final int MAX_LENGTH = 128;

    public MessageId {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("message id must be 1 to 128 characters, got " + value.length());
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\') {
                throw new IllegalArgumentException(
                        "message id must be printable ASCII without space, quote and backslash; character " + i
                                + " is U+" + Integer.toHexString(0x10000 | c).substring(1));
            }
        }
    }

    /** The text's own, which remembers it: a record's would be computed by each of many look-ups. */
    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof MessageId that && value.equals(that.value));
    }

    @Override
    public String toString() {
        return value;
    }
}

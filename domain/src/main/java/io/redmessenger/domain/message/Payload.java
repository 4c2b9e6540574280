package io.redmessenger.domain.message;

/**
 * What the publisher said, character for character; the empty text is allowed. Its size is bounded where it comes in.
 *
 * @param text any Unicode text without unpaired surrogates, so that it survives UTF-8 unchanged
 */
public record Payload(String text) {

    public Payload {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                throw new IllegalArgumentException("payload has an unpaired surrogate at index " + i);
            }
        }
    }

    /** Never the text: payloads do not belong in logs. */
    @Override
    public String toString() {
        return "Payload[" + text.length() + " chars]";
    }
}

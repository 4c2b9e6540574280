package io.redmessenger.adapters.redis;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Payloads as the original wrote them: through JavaScript's {@code encodeURI}. */
final class LegacyPayload {

    /** What {@code decodeURI} leaves escaped. */
    private static final String RESERVED = ";/?:@&=+$,#";

    private LegacyPayload() {}

    /** Decodes as {@code decodeURI} would; returns {@code text} as it is where that would fail. */
    static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c != '%') {
                decoded.append(c);
                i++;
                continue;
            }
            int first = octetAt(text, i);
            int length = lengthOf(first);
            if (length == 0) {
                return text;
            }
            ByteArrayOutputStream octets = new ByteArrayOutputStream(4);
            for (int n = 0; n < length; n++) {
                int octet = octetAt(text, i + 3 * n);
                if (octet < 0) {
                    return text;
                }
                octets.write(octet);
            }
            String character = StrictUtf8.decode(octets.toByteArray()).orElse("");
            if (character.isEmpty()) {
                return text;
            }
            boolean reserved = length == 1 && RESERVED.indexOf(character.charAt(0)) >= 0;
            decoded.append(reserved ? text.substring(i, i + 3) : character);
            i += 3 * length;
        }
        return decoded.toString();
    }

    /** How many octets make up the character that begins with {@code first}; 0 when none does. */
    private static int lengthOf(int first) {
        if (first < 0) {
            return 0;
        }
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xC0) {
            return 0;
        }
        return first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
    }

    /** The octet that {@code %XX} at {@code index} stands for; -1 when there is none. */
    private static int octetAt(String text, int index) {
        if (index + 2 >= text.length() || text.charAt(index) != '%') {
            return -1;
        }
        byte[] hex = text.substring(index + 1, index + 3).getBytes(StandardCharsets.UTF_8);
        if (hex.length != 2) {
            return -1;
        }
        int high = Character.digit(hex[0], 16);
        int low = Character.digit(hex[1], 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}

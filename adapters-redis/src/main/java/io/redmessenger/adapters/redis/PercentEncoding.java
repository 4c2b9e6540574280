package io.redmessenger.adapters.redis;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JavaScript's {@code decodeURI} (ECMA-262, section 19.2.6.1), for what the original wrote with {@code encodeURI}. */
final class PercentEncoding {

    private static final String STAYS_ENCODED = ";/?:@&=+$,#";

    private PercentEncoding() {}

    /** Decodes, or returns {@code text} as it is where {@code decodeURI} would throw. */
    static String decodeUri(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            if (text.charAt(i) != '%') {
                decoded.append(text.charAt(i++));
                continue;
            }
            int first = octetAt(text, i);
            int length = first < 0 ? 0 : first < 0x80 ? 1 : Integer.numberOfLeadingZeros(~(first << 24));
            if (length == 0 || length > 4 || (length == 1 && first >= 0x80)) {
                return text;
            }
            byte[] octets = new byte[length];
            for (int k = 0; k < length; k++) {
                int octet = octetAt(text, i + 3 * k);
                if (octet < 0) {
                    return text;
                }
                octets[k] = (byte) octet;
            }
            try {
                CharSequence character = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
                boolean stays = length == 1 && STAYS_ENCODED.indexOf(character.charAt(0)) >= 0;
                decoded.append(stays ? text.substring(i, i + 3) : character);
            } catch (CharacterCodingException e) {
                return text;
            }
            i += 3 * length;
        }
        return decoded.toString();
    }

    private static int octetAt(String text, int index) {
        if (index + 2 >= text.length() || text.charAt(index) != '%') {
            return -1;
        }
        int high = Character.digit(text.charAt(index + 1), 16);
        int low = Character.digit(text.charAt(index + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}

package io.redmessenger.domain.recipient;

/** The grammar that user ids and group ids share. */
final class Name {

    static final int MAX_LENGTH = 128;

    private Name() {}

    /** Returns {@code value}, or throws when it is not 1 to 128 of {@code A-Z a-z 0-9 . _ @ + -}. */
    static String checked(String what, String value) {
        if (!isName(value)) {
            throw new IllegalArgumentException(
                    what + " must be 1 to 128 of A-Z a-z 0-9 . _ @ + -, got " + quoted(value));
        }
        return value;
    }

    private static boolean isName(String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            if (!isNameCharacter(value.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '@'
                || c == '+'
                || c == '-';
    }

    /** Shows hostile text safely in a message: short, printable, in quotes. */
    static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < Math.min(value.length(), 40); i++) {
            char c = value.charAt(i);
            text.append(c >= 0x20 && c < 0x7f && c != '"' ? c : '?');
        }
        return text.append(value.length() > 40 ? "…\"" : "\"").toString();
    }
}

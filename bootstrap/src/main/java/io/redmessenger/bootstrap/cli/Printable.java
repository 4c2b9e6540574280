package io.redmessenger.bootstrap.cli;

/** Makes foreign text safe for one line of a terminal. */
final class Printable {

    private Printable() {}

    /** Shows control and format characters as JSON would escape them, and everything else as it is. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (isInvisible(c)) {
                        for (char unit : Character.toChars(c)) {
                            line.append("\\u").append(java.util.HexFormat.of().toHexDigits(unit));
                        }
                    } else {
                        line.appendCodePoint(c);
                    }
                }
            }
        });
        return line.toString();
    }

    /** Emoji are joined by U+200D, which harms nobody. */
    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            case Character.FORMAT -> c != 0x200d;
            default -> false;
        };
    }
}

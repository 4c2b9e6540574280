package io.redmessenger.adapters.redis;

/** Digits and lower-case letters without i, l, o and u: short, and in the order of the numbers they stand for. */
final class Base32 {

    private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();

    private Base32() {}

    /** The lowest {@code 5 * length} bits of {@code number}. */
    static String text(long number, int length) {
        char[] text = new char[length];
        for (int i = length - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) (number & 31)];
            number >>>= 5;
        }
        return new String(text);
    }
}

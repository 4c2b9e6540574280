package io.redmessenger.domain.delivery;

/**
 * How much may be on its way to one connection without an acknowledgement. It starts small, grows with every prompt
 * acknowledgement as TCP's does, and shrinks to what a slow reader takes in two seconds, so that even one message a
 * second is acknowledged long before the connection would be taken for dead. Not thread-safe.
 */
public final class Window {

    /** The window of a new connection, in messages. */
    public static final int INITIAL = 4;

    /** The largest window, in messages. */
    public static final int LARGEST = 1024;

    /** The most characters of payload on their way; a single larger message is let through alone. */
    public static final int LARGEST_CHARACTERS = 256 * 1024;

    private static final long PROMPT_MILLIS = 1_000;
    private static final long SLOW_MILLIS = 4_000;
    private static final long AIM_MILLIS = 2_000;

    private int size = INITIAL;
    private int messages;
    private int characters;

    /** How many more messages it has room for, 0 when it is full. */
    public int room() {
        return messages > 0 && characters >= LARGEST_CHARACTERS ? 0 : Math.max(0, size - messages);
    }

    int size() {
        return size;
    }

    void offered(int length) {
        messages++;
        characters += length;
    }

    /**
     * @param count messages acknowledged at once
     * @param length their characters
     * @param elapsed milliseconds since the first of them was offered
     */
    void acknowledged(int count, int length, long elapsed) {
        messages -= count;
        characters -= length;
        if (elapsed <= PROMPT_MILLIS) {
            size = Math.min(LARGEST, size + count);
        } else if (elapsed >= SLOW_MILLIS) {
            size = (int) Math.max(1, Math.min(size, count * AIM_MILLIS / elapsed));
        }
    }

    /** A message of that many characters left for good; the window grows, for a network that takes it is fast enough. */
    void written(int length) {
        messages--;
        characters -= length;
        size = Math.min(LARGEST, size + 1);
    }

    /** Nothing is on its way any more. */
    void reset() {
        messages = 0;
        characters = 0;
    }
}

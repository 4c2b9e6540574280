package io.redmessenger.application.port.out;

/**
 * One try to do several pieces of work in order, with more than one of them under way at a time. When one fails the try is
 * abandoned, and what is not done of it is refused: so nothing overtakes the piece that failed, which the next try begins
 * with. May be used by any thread.
 */
public final class Attempt {

    private volatile boolean abandoned;

    /** To be called before anybody can act on the failure. */
    public void abandon() {
        abandoned = true;
    }

    public boolean isAbandoned() {
        return abandoned;
    }
}

package io.redmessenger.bootstrap.faults;

/**
 * Something that the nemesis did.
 *
 * @param node the node that was concerned, {@link #STORE} when Redis itself was, and so every node, or {@link #NOBODY}
 * @param from milliseconds of the run
 * @param to when everything was well again
 */
record Fault(String what, int node, long from, long to) {

    /** In place of a node. */
    static final int STORE = -1;

    /** In place of a node, when all should go on as if nothing had happened. */
    static final int NOBODY = -2;

    boolean isOfStore() {
        return node == STORE;
    }

    /** Whether it can have disturbed a connection to {@code other}. */
    boolean concerns(int other) {
        return isOfStore() || node == other;
    }
}

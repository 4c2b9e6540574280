package io.redmessenger.application.port.out;

/** Why the server ends a connection. */
public enum CloseReason {
    /** No key, or a wrong one, where one is needed. */
    UNAUTHORIZED("unauthorized", false, "the key is missing or wrong"),
    /** The user opened one connection more than allowed, and this was the oldest. */
    REPLACED("replaced", false, "replaced by a newer connection"),
    /** The store cannot be reached; try again later. */
    STORE_UNAVAILABLE("store_unavailable", true, "the store cannot be reached, try again later"),
    /** The node has all the connections it may have; try another, or later. */
    NODE_FULL("node_full", true, "this node is full, try again later"),
    /** The user's inbox cannot be read because something else is stored under its name. */
    INBOX_UNREADABLE("inbox_unreadable", false, "the inbox of this user cannot be read; the operator must repair it"),
    /** An operator ended it. */
    DISCONNECTED("disconnected", false, "disconnected by an operator"),
    /** The node stops. */
    GOING_AWAY("going_away", true, "the server is going away"),
    /** A defect; the server's log has it. */
    INTERNAL("internal", true, "internal error");

    private final String code;
    private final boolean retryable;
    private final String message;

    CloseReason(String code, boolean retryable, String message) {
        this.code = code;
        this.retryable = retryable;
        this.message = message;
    }

    /** What programs compare. */
    public String code() {
        return code;
    }

    /** Whether connecting again, unchanged, may succeed. */
    public boolean retryable() {
        return retryable;
    }

    /** What people read. */
    public String message() {
        return message;
    }
}

package io.redmessenger.application.port.out;

/** Why a port failed, whatever technology is behind it. */
public enum ErrorCode {
    /** The store cannot be reached or did not answer in time; what was asked may or may not have happened. */
    STORE_UNAVAILABLE(true),
    /** The store answers, but takes no writes now: it is full, read-only, loading, or lacks replicas. */
    STORE_REFUSED(true),
    /** What is stored under the name is of another kind; it was left as it is. */
    WRONG_KIND(false),
    /** The store refused our rights or our password. */
    STORE_FORBIDDEN(false),
    /** Too much waits to be stored already. */
    OVERLOADED(true),
    /** The lease under which it was to be done is over: another node does it, and this one must not. */
    LEASE_OVER(false),
    /** A defect, here or in the store; the log has the cause. */
    INTERNAL(false);

    private final boolean retryable;

    ErrorCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Whether the same call may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}

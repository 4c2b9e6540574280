package io.redmessenger.adapters.websocket.api;

/** A request that is answered with a problem document instead of being carried out. */
final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status the HTTP status
     * @param detail what is wrong, and what to do
     */
    RefusedException(int status, String detail) {
        super(detail);
        this.status = status;
    }

    int status() {
        return status;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}

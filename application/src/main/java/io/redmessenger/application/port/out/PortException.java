package io.redmessenger.application.port.out;

/** The only failure that a port out completes a stage with. */
public final class PortException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public PortException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    public PortException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    /** Finds the code in a failure as stages wrap it; {@link ErrorCode#INTERNAL} when it is none of ours. */
    public static ErrorCode codeOf(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof PortException port) {
                return port.code();
            }
        }
        return ErrorCode.INTERNAL;
    }
}

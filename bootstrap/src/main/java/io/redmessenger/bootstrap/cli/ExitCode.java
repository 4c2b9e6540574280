package io.redmessenger.bootstrap.cli;

/** What the exit codes mean; those above 63 are the ones of {@code sysexits.h}. */
public final class ExitCode {

    public static final int OK = 0;

    /** A defect of this program. */
    public static final int DEFECT = 1;

    /** {@code doctor} has found a problem. */
    public static final int PROBLEM_FOUND = 1;

    /** The command line is wrong. */
    public static final int USAGE = 2;

    /** Redis or the server cannot be reached, or nobody listens. */
    public static final int UNAVAILABLE = 69;

    /** Redis or the server answers, and refuses. */
    public static final int REFUSED = 77;

    /** The configuration is wrong. */
    public static final int CONFIGURATION = 78;

    private ExitCode() {}
}

package io.redmessenger.bootstrap.cli;

/** A server that accepts connections. Thread-safe. */
public interface RunningServer {

    /** Begins to stop it: no new connections, the live ones closed bit by bit. Returns at once; idempotent. */
    void stop();

    /**
     * Blocks until it has stopped, by {@link #stop} or by itself.
     *
     * @return the exit code of the process, {@link ExitCode#OK} after {@link #stop}
     */
    int awaitStop() throws InterruptedException;
}

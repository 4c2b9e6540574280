package io.redmessenger.adapters.redis;

/** A Redis that a test can mistreat. It keeps its port and, in an append-only file, its data. */
interface RedisServer {

    String host();

    int port();

    /** What it is, for the log. */
    String description();

    /** Starts it, or starts it again, and returns once it answers. */
    void start();

    /** Ends it in an orderly way. */
    void stop();

    /** Ends it by SIGKILL. */
    void kill();

    /** It stands still: connections stay, nothing is answered. */
    void pause();

    void resume();

    /** Ends it, and removes its data. */
    void close();
}

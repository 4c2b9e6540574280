package io.redmessenger.application.port.out;

/** Breaks the rule that ports have contracts. */
public interface UntestedPort {
    /** Does nothing. */
    void doNothing();
}

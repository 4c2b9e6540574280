package io.redmessenger.bootstrap.faults;

/**
 * Something that the nemesis did.
 *
 * @param store whether Redis itself, as every node sees it, was concerned
 * @param from milliseconds of the run
 * @param to when everything was well again
 */
record Fault(String what, boolean store, long from, long to) {}

package io.redmessenger.application.port.out;

/**
 * A position in one numbering of an inbox.
 *
 * @param epoch names the numbering; positions of different epochs have nothing to do with each other
 * @param position counts up by one per append
 */
public record InboxPlace(String epoch, long position) {}

package io.redmessenger.application.port.out;

/**
 * The right to do something, for a while.
 *
 * @param name what the right is about
 * @param holder the node that has it
 * @param token the fencing token: every lease of that name has a larger one than those before it, so that the store can
 *     tell the holder of today from that of yesterday
 */
public record Lease(String name, String holder, long token) {}

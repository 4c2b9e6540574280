/**
 * Everything that speaks to Redis, through Lettuce: the ports out, and what listens to publications.
 *
 * <p>Stages complete on Lettuce's netty threads, which belong to this adapter and must not be blocked.
 */
@NullMarked
package io.redmessenger.adapters.redis;

import org.jspecify.annotations.NullMarked;

/** Everything that speaks to Redis, through Lettuce. */
@NullMarked
package io.redmessenger.adapters.redis;

import org.jspecify.annotations.NullMarked;

/** What a Redis should be like for messages to be safe in it: checks of what it has answered, without any I/O. */
@NullMarked
package io.redmessenger.adapters.redis.diagnosis;

import org.jspecify.annotations.NullMarked;

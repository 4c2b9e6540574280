@NullMarked
package io.redmessenger.adapters.redis;

import org.jspecify.annotations.NullMarked;

/** Twins of the ports out that keep everything in memory, for tests of what stands behind the ports. */
@NullMarked
package io.redmessenger.application.memory;

import org.jspecify.annotations.NullMarked;

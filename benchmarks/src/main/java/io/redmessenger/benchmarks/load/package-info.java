/** A load test against a server that runs. */
@NullMarked
package io.redmessenger.benchmarks.load;

import org.jspecify.annotations.NullMarked;

/** What the steps of the hot path cost; each operation is measured by JMH, and its allocations are guarded by a test. */
@NullMarked
package io.redmessenger.benchmarks;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.redmessenger.benchmarks.load;

import org.jspecify.annotations.NullMarked;

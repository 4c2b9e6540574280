@NullMarked
package io.redmessenger.benchmarks;

import org.jspecify.annotations.NullMarked;

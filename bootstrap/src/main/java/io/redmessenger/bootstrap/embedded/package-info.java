/** The Redis that comes with the program, for those who have none. */
@NullMarked
package io.redmessenger.bootstrap.embedded;

import org.jspecify.annotations.NullMarked;

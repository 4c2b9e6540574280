/** The rules of the code's structure, and canaries that prove that each of them can fail. */
@NullMarked
package io.redmessenger.bootstrap.architecture;

import org.jspecify.annotations.NullMarked;

/** The command line. Results go to standard output, everything said about them to standard error. */
@NullMarked
package io.redmessenger.bootstrap.cli;

import org.jspecify.annotations.NullMarked;

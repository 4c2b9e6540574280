/** The whole server, as a process of its own, with a real Redis and real clients. */
@NullMarked
package io.redmessenger.bootstrap.e2e;

import org.jspecify.annotations.NullMarked;

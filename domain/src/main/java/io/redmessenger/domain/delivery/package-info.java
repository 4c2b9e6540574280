/** The rules of the way from an inbox to a connection. */
@NullMarked
package io.redmessenger.domain.delivery;

import org.jspecify.annotations.NullMarked;

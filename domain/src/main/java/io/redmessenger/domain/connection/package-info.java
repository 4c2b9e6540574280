/** The live connections of one user, and what proves who they are. */
@NullMarked
package io.redmessenger.domain.connection;

import org.jspecify.annotations.NullMarked;

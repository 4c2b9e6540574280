/** What is sent: a message, its id and its payload. */
@NullMarked
package io.redmessenger.domain.message;

import org.jspecify.annotations.NullMarked;

/** To whom a message goes: one user, or every member of a group. */
@NullMarked
package io.redmessenger.domain.recipient;

import org.jspecify.annotations.NullMarked;

/** What can be asked of RedMessenger: publish, connect, administer. */
@NullMarked
package io.redmessenger.application.port.in;

import org.jspecify.annotations.NullMarked;

/** What RedMessenger needs from outside: an inbox, connections, members, credentials, signals. */
@NullMarked
package io.redmessenger.application.port.out;

import org.jspecify.annotations.NullMarked;

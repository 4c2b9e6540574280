/** What the protocols share: messages on the wire, identification, admission, problems. */
@NullMarked
package io.redmessenger.adapters.websocket.server;

import org.jspecify.annotations.NullMarked;

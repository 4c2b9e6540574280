/** Everything that speaks to the network, through Undertow. */
@NullMarked
package io.redmessenger.adapters.websocket;

import org.jspecify.annotations.NullMarked;

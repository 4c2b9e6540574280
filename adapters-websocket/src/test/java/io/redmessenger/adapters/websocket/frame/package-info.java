/** Tests of the framing layer: the codec without I/O, the rest over real sockets. */
@NullMarked
package io.redmessenger.adapters.websocket.frame;

import org.jspecify.annotations.NullMarked;

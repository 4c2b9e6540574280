/** Socket.IO, in the revisions that clients 1.x to 4.x speak, over Engine.IO. */
@NullMarked
package io.redmessenger.adapters.websocket.socketio;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.redmessenger.adapters.websocket.socketio;

import org.jspecify.annotations.NullMarked;

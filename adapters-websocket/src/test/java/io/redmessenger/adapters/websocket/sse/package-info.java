@NullMarked
package io.redmessenger.adapters.websocket.sse;

import org.jspecify.annotations.NullMarked;

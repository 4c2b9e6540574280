@NullMarked
package io.redmessenger.adapters.websocket.plain;

import org.jspecify.annotations.NullMarked;

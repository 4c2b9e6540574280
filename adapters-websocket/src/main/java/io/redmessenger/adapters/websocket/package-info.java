@NullMarked
package io.redmessenger.adapters.websocket;

import org.jspecify.annotations.NullMarked;

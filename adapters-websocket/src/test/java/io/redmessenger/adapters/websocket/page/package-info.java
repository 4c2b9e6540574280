@NullMarked
package io.redmessenger.adapters.websocket.page;

import org.jspecify.annotations.NullMarked;

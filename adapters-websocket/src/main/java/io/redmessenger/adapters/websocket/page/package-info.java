/** The page for newcomers, and the JavaScript client that it and others use. */
@NullMarked
package io.redmessenger.adapters.websocket.page;

import org.jspecify.annotations.NullMarked;

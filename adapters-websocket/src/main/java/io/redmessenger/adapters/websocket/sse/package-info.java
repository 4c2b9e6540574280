/** Server-sent events, as the HTML standard has them (section 9.2). */
@NullMarked
package io.redmessenger.adapters.websocket.sse;

import org.jspecify.annotations.NullMarked;

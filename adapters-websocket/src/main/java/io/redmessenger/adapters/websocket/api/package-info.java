/** HTTP: the API, health, metrics. */
@NullMarked
package io.redmessenger.adapters.websocket.api;

import org.jspecify.annotations.NullMarked;

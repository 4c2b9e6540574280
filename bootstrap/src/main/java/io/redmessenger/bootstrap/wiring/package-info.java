/** What Guice is told: one module per adapter, which exposes its ports and nothing else. */
@NullMarked
package io.redmessenger.bootstrap.wiring;

import org.jspecify.annotations.NullMarked;

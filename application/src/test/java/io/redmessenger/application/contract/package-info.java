/** What every implementation of a port out must do: in-memory twins and adapters pass the same tests. */
@NullMarked
package io.redmessenger.application.contract;

import org.jspecify.annotations.NullMarked;

/** Logging that stays readable whatever the outside sends. */
@NullMarked
package io.redmessenger.application.log;

import org.jspecify.annotations.NullMarked;

/** What an operator can set: the registry of settings, and how their values are found and checked. */
@NullMarked
package io.redmessenger.bootstrap.config;

import org.jspecify.annotations.NullMarked;

/** The services behind the ports in. */
@NullMarked
package io.redmessenger.application.service;

import org.jspecify.annotations.NullMarked;

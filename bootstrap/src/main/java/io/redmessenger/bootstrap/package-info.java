@NullMarked
package io.redmessenger.bootstrap;

import org.jspecify.annotations.NullMarked;

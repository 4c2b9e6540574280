@NullMarked
package io.redmessenger.application;

import org.jspecify.annotations.NullMarked;

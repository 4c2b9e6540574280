@NullMarked
package io.redmessenger.domain;

import org.jspecify.annotations.NullMarked;

/** What is wrong with the machine that the server is to run on. */
@NullMarked
package io.redmessenger.bootstrap.doctor;

import org.jspecify.annotations.NullMarked;

/**
 * The proof of the guarantees, in the manner of Jepsen: publishers and readers record what they saw while a nemesis breaks nodes,
 * networks and Redis, and a checker reconciles it all in the end. {@code FaultsIT} runs it.
 */
@NullMarked
package io.redmessenger.bootstrap.faults;

import org.jspecify.annotations.NullMarked;

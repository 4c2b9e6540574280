package io.redmessenger.application.port.out;

/**
 * Says of an append that it belongs to numbered work which one node at a time does, the holder of a lease. So nothing is
 * stored by a node that has lost the lease and does not know it yet, and nothing is stored twice when another node goes on
 * with work of which it cannot know how far it has come.
 *
 * @param lease under which the work is done
 * @param series names the work, of {@code 0-9 a-z -}
 * @param number which piece of the series this is, 1 or more
 * @param completes whether the piece is done then; false for a part of it
 * @param attempt what the append is refused with once that is abandoned
 */
public record Claim(Lease lease, String series, long number, boolean completes, Attempt attempt) {

    public Claim {
        if (number < 1) {
            throw new IllegalArgumentException("number of a claim must be 1 or more, got " + number);
        }
    }

    /** A piece that is tried by itself. */
    public Claim(Lease lease, String series, long number, boolean completes) {
        this(lease, series, number, completes, new Attempt());
    }

    /** The same piece of work, of which more parts follow. */
    public Claim inPart() {
        return new Claim(lease, series, number, false, attempt);
    }
}

package io.redmessenger.bootstrap.faults;

import java.util.List;
import java.util.SplittableRandom;

/** What the nemesis does, one after the other: without end, and the same for the same seed. */
final class Schedule {

    private static final int SHORTEST_PAUSE = 500;
    private static final int LONGEST_PAUSE = 4_500;

    /**
     * @param pause milliseconds before it
     * @param target number of the node, link or shard
     * @param lasting milliseconds until it is mended
     */
    record Step(int pause, FaultKind kind, int target, int lasting) {}

    private final SplittableRandom random;
    private final List<FaultKind> kinds;
    private final int targets;

    Schedule(long seed, List<FaultKind> kinds, int targets) {
        this.random = new SplittableRandom(seed);
        this.kinds = kinds;
        this.targets = targets;
    }

    Step next() {
        int pause = random.nextInt(SHORTEST_PAUSE, LONGEST_PAUSE + 1);
        FaultKind kind = pick();
        return new Step(pause, kind, random.nextInt(targets), random.nextInt(kind.shortest, kind.longest + 1));
    }

    private FaultKind pick() {
        int ticket = random.nextInt(kinds.stream().mapToInt(kind -> kind.weight).sum());
        for (FaultKind kind : kinds) {
            ticket -= kind.weight;
            if (ticket < 0) {
                return kind;
            }
        }
        throw new AssertionError();
    }
}

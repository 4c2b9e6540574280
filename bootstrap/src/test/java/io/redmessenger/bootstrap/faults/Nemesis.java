package io.redmessenger.bootstrap.faults;

import io.redmessenger.bootstrap.faults.Schedule.Step;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Breaks one thing after the other, and mends it. Two of them run side by side: one for nodes and Redis, one for the networks
 * between clients and nodes. So at most one node, or Redis, is broken at a time.
 *
 * <p>And a node is only made deaf to PUBLISH while another one has been hearing everything for longer than a takeover takes:
 * that is what PUBLISH demands for its promise.
 */
final class Nemesis {

    private static final Logger log = LoggerFactory.getLogger(Nemesis.class);

    /** A lease of five seconds, and what it takes to notice that it has gone. */
    private static final long TAKEOVER_MILLIS = 10_000;

    private final List<Node> nodes;
    private final Store store;
    private final Recorder recorder;
    private final long[] hearsSince; // by node, milliseconds of the run; guarded by this

    Nemesis(List<Node> nodes, Store store, Recorder recorder) {
        this.nodes = nodes;
        this.store = store;
        this.recorder = recorder;
        this.hearsSince = new long[nodes.size()];
        Arrays.fill(hearsSince, recorder.now() - TAKEOVER_MILLIS);
    }

    /** Does what the schedule says until {@code end}, milliseconds of the run. */
    void rage(Schedule schedule, long end) throws InterruptedException {
        while (true) {
            Step step = schedule.next();
            pause(step.pause(), end);
            if (step.kind().makesNodeDeaf()) {
                while (!othersHear(step.target()) && recorder.now() < end) {
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
            if (recorder.now() >= end) {
                return;
            }
            long from = recorder.now();
            log.warn("{} ms: {}", from, step);
            harm(step);
            TimeUnit.MILLISECONDS.sleep(step.lasting());
            mend(step);
            recorder.fault(new Fault(step.toString(), concerned(step), from, recorder.now()));
        }
    }

    private static int concerned(Step step) {
        return switch (step.kind().target) {
            case REDIS -> Fault.STORE;
            case SENTINEL -> Fault.NOBODY;
            case NODE, CLIENT_LINK -> step.target();
        };
    }

    private void pause(int millis, long end) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(Math.max(0, Math.min(millis, end - recorder.now())));
    }

    private synchronized boolean othersHear(int node) {
        for (int other = 0; other < hearsSince.length; other++) {
            if (other != node && recorder.now() - hearsSince[other] >= TAKEOVER_MILLIS) {
                return true;
            }
        }
        return false;
    }

    private void harm(Step step) {
        Node node = nodes.get(step.target() % nodes.size());
        switch (step.kind()) {
            case NODE_KILL -> node.kill();
            case NODE_TERMINATE -> node.terminate();
            case NODE_PAUSE, NODE_PAUSE_PAST_LEASE -> node.pause();
            case STORE_LINK_CUT -> node.storeLink().cut();
            case STORE_LINK_REFUSED -> node.storeLink().refuse();
            case STORE_LINK_STALLED -> node.storeLink().stall();
            case CLIENT_LINK_CUT -> node.clientLink().cut();
            case CLIENT_LINK_REFUSED -> node.clientLink().refuse();
            case CLIENT_LINK_STALLED -> node.clientLink().stall();
            default -> store.harm(step.kind(), step.target());
        }
    }

    private void mend(Step step) {
        Node node = nodes.get(step.target() % nodes.size());
        switch (step.kind().target) {
            case CLIENT_LINK -> node.clientLink().heal();
            case NODE -> {
                node.storeLink().heal();
                if (step.kind() == FaultKind.NODE_PAUSE || step.kind() == FaultKind.NODE_PAUSE_PAST_LEASE) {
                    node.resume();
                } else if (step.kind() == FaultKind.NODE_KILL || step.kind() == FaultKind.NODE_TERMINATE) {
                    node.start();
                }
                node.awaitReady();
                if (step.kind().makesNodeDeaf()) {
                    heardAgain(step.target());
                }
            }
            case SENTINEL -> store.mend();
            case REDIS -> {
                store.mend();
                nodes.forEach(Node::awaitReady);
                for (int each = 0; each < nodes.size(); each++) {
                    heardAgain(each);
                }
            }
        }
    }

    private synchronized void heardAgain(int node) {
        hearsSince[node] = recorder.now();
    }
}

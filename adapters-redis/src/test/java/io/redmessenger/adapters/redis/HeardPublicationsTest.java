package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.memory.InMemoryLeases;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeardPublicationsTest {

    /** One call of the publisher; the test decides how it ends. */
    private record Attempt(String node, Publication publication, CompletableFuture<Publisher.Receipt> stage) {

        String what() {
            return publication.message().payload().text() + (publication.again() ? " again" : "");
        }

        void succeed() {
            stage.complete(new Publisher.Receipt(1, 0, 0));
        }

        void fail(ErrorCode code) {
            stage.completeExceptionally(new PortException(code, "as the test wants it"));
        }
    }

    private final CountingTelemetry telemetry = new CountingTelemetry();
    private final List<Attempt> attempts = new CopyOnWriteArrayList<>();
    private final MutableClock storeClock = new MutableClock();
    private final MutableClock nodeClock = new MutableClock();
    private final InMemoryLeases.Register register = new InMemoryLeases.Register(storeClock);
    private final HeardNetwork network = new HeardNetwork(register, storeClock);
    private final List<HeardPublications> nodes = new ArrayList<>();
    private final HeardPublications heard = node("here");

    private HeardPublications node(String name) {
        HeardPublications node = network.add(progress -> new HeardPublications(
                publication -> publish(name, publication),
                new PublicationParser(1_000, telemetry, new MutableClock()),
                new MessageIds(name.hashCode()),
                progress,
                register.leasesOf(name),
                telemetry,
                nodeClock,
                10_000));
        nodes.add(node);
        Await.value(node.ready());
        return node;
    }

    @AfterEach
    void stop() {
        nodes.forEach(HeardPublications::stop);
    }

    private CompletionStage<Publisher.Receipt> publish(String node, Publication publication) {
        Attempt attempt = new Attempt(node, publication, new CompletableFuture<>());
        attempts.add(attempt);
        return attempt.stage();
    }

    private void hear(String payload) {
        network.publish("rm.users.ann", payload);
    }

    private List<String> whatWasPublished() {
        return attempts.stream().map(Attempt::what).toList();
    }

    private void awaitAttempts(int count) {
        Await.until(count + " attempts", () -> attempts.size() == count);
    }

    @Test
    void heardShouldPublishInOrderWithoutWaitingForEach() {
        IntStream.range(0, 20).forEach(i -> hear("p" + i));
        awaitAttempts(20);
        assertThat(whatWasPublished())
                .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "p" + i).toList());
    }

    @Test
    void whatFailedShouldBeRepeatedInOrderBeforeAnythingElse() {
        IntStream.range(0, 4).forEach(i -> hear("p" + i));
        awaitAttempts(4);
        attempts.get(1).fail(ErrorCode.STORE_UNAVAILABLE);
        hear("p4"); // must not overtake
        attempts.get(3).fail(ErrorCode.OVERLOADED);
        attempts.get(2).succeed();
        hear("p5");
        assertThat(attempts).hasSize(4);
        attempts.get(0).succeed(); // only now has everything come back
        awaitAttempts(8);
        assertThat(whatWasPublished()).containsExactly("p0", "p1", "p2", "p3", "p1 again", "p3 again", "p4", "p5");
        assertThat(attempts.get(4).publication().message())
                .isEqualTo(attempts.get(1).publication().message());
    }

    @Test
    void whatFailsAgainShouldBeRepeatedAgain() {
        hear("p0");
        hear("p1");
        awaitAttempts(2);
        for (int round = 1; round <= 3; round++) {
            attempts.get(2 * round - 2).fail(ErrorCode.STORE_UNAVAILABLE);
            attempts.get(2 * round - 1).fail(ErrorCode.STORE_UNAVAILABLE);
            awaitAttempts(2 * round + 2);
        }
        attempts.get(6).succeed();
        attempts.get(7).succeed();
        network.remove(heard);
        Await.value(heard.drained());
        assertThat(telemetry.of(Event.PUBLICATION_LOST)).isZero();
    }

    @Test
    void whatCannotSucceedShouldBeGivenUp() {
        hear("p0");
        hear("p1");
        awaitAttempts(2);
        attempts.get(0).fail(ErrorCode.WRONG_KIND);
        attempts.get(1).succeed();
        network.remove(heard);
        Await.value(heard.drained());
        assertThat(telemetry.of(Event.PUBLICATION_LOST)).isEqualTo(1);
        assertThat(attempts).hasSize(2);
    }

    @Test
    void whatIsTooMuchShouldBeCountedAsLost() {
        hear("p0");
        awaitAttempts(1);
        attempts.get(0).fail(ErrorCode.STORE_UNAVAILABLE); // nothing goes on until it is back
        IntStream.range(0, 100).forEach(i -> hear("x".repeat(900)));
        long lost = telemetry.of(Event.PUBLICATION_LOST);
        assertThat(lost).isBetween(85L, 95L);
        awaitAttempts(2 + 100 - (int) lost);
    }

    @Test
    void drainedShouldWaitForWhatIsOnItsWay() {
        hear("p0");
        awaitAttempts(1);
        network.remove(heard);
        CompletionStage<Void> drained = heard.drained();
        assertThat(drained.toCompletableFuture()).isNotDone();
        attempts.get(0).succeed();
        Await.value(drained);
    }

    // --- several nodes

    private List<String> by(String node) {
        return attempts.stream()
                .filter(attempt -> attempt.node().equals(node))
                .map(Attempt::what)
                .toList();
    }

    private void succeedAll() {
        attempts.forEach(Attempt::succeed);
    }

    /** Its lease is over in the store when that much time has passed there. */
    private void kill(HeardPublications node) {
        node.stop();
        network.remove(node);
    }

    private void letLeaseExpire() {
        storeClock.advance(Duration.ofSeconds(4));
    }

    @Test
    void oneNodeShouldPublishWhatAllHear() {
        hear("first");
        awaitAttempts(1);
        node("there");
        IntStream.range(0, 20).forEach(i -> hear("p" + i));
        awaitAttempts(21);
        assertThat(by("here")).hasSize(21);
        assertThat(attempts).allSatisfy(attempt -> {
            assertThat(attempt.publication().claim()).isPresent();
            assertThat(attempt.publication().message().id().value())
                    .startsWith(attempt.publication().claim().orElseThrow().series());
        });
    }

    @Test
    void theNextShouldGoOnBehindWhatIsRecordedWithTheSameNames() {
        hear("p0");
        awaitAttempts(1);
        node("there");
        hear("p1");
        hear("p2");
        hear("p3");
        awaitAttempts(4);
        attempts.get(0).succeed();
        attempts.get(1).succeed();
        Await.until("it is recorded", () -> recordedThrough(attempts.get(1), 0));
        kill(heard);
        hear("p4");
        assertThat(attempts).hasSize(4);
        letLeaseExpire();
        awaitAttempts(7);
        assertThat(by("there")).containsExactly("p2 again", "p3 again", "p4 again");
        assertThat(attempts.get(4).publication().message().id())
                .isEqualTo(attempts.get(2).publication().message().id());
        assertThat(attempts.get(4).publication().claim().orElseThrow().number())
                .isEqualTo(attempts.get(2).publication().claim().orElseThrow().number());
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    private boolean recordedThrough(Attempt attempt, int offset) {
        Claim claim = attempt.publication().claim().orElseThrow();
        return network.isRecorded(new HeardProgress.Name(claim.series(), claim.number() + offset));
    }

    @Test
    void aNodeThatMissedSomethingShouldLeaveItToOneThatDidNot() {
        hear("p0");
        awaitAttempts(1);
        node("whole");
        attempts.get(0).succeed();
        hear("p1");
        hear("p2");
        awaitAttempts(3);
        node("late");
        Await.until("it is recorded", () -> recordedThrough(attempts.get(1), -1));
        kill(heard);
        letLeaseExpire(); // whichever of the two asks first
        awaitAttempts(5);
        assertThat(by("whole")).containsExactly("p1 again", "p2 again");
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    @Test
    void aGapThatNobodyCanFillShouldBeMeasured() {
        hear("p0");
        awaitAttempts(1);
        succeedAll();
        Await.until("it is recorded", () -> recordedThrough(attempts.get(0), 0));
        kill(heard);
        storeClock.advance(Duration.ofSeconds(10));
        network.publish("rm.users.ann", "nobody hears this");
        storeClock.advance(Duration.ofSeconds(10));
        node("there");
        Await.until("the gap is counted", () -> telemetry.of(Event.PUBLICATION_GAP) == 1);
        assertThat(telemetry.of(Event.PUBLICATION_GAP_MILLIS)).isBetween(10_000L, 20_000L);
        hear("p1");
        awaitAttempts(2);
        assertThat(by("there")).containsExactly("p1");
    }

    @Test
    void aNodeWhoseSubscriptionBreaksShouldHandOverAtOnce() {
        hear("p0");
        awaitAttempts(1);
        attempts.get(0).succeed();
        node("there");
        hear("p1");
        awaitAttempts(2);
        Await.until("it is recorded", () -> recordedThrough(attempts.get(1), -1));
        network.cut(heard);
        hear("p2");
        awaitAttempts(4);
        assertThat(by("there")).containsExactly("p1 again", "p2 again");
        network.connect(heard);
        hear("p3");
        awaitAttempts(5);
        assertThat(by("there")).contains("p3");
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    @Test
    void aNodeThatStopsShouldLeaveNothingToRepeat() {
        hear("p0");
        awaitAttempts(1);
        node("there");
        network.remove(heard);
        CompletionStage<Void> drained = heard.drained();
        hear("p1");
        attempts.get(0).succeed();
        Await.value(drained);
        awaitAttempts(2);
        assertThat(by("there")).containsExactly("p1 again");
    }

    @Test
    void aNodeWhoseLeaseIsOverShouldPublishNothingMore() {
        hear("p0");
        awaitAttempts(1);
        node("there");
        attempts.get(0).fail(ErrorCode.LEASE_OVER);
        hear("p1");
        Await.until("somebody else, or it with a new lease, goes on", () -> attempts.size() >= 3);
        assertThat(attempts.get(1).what()).isEqualTo("p0 again");
        assertThat(attempts.get(1).publication().claim().orElseThrow().lease())
                .isNotEqualTo(
                        attempts.get(0).publication().claim().orElseThrow().lease());
    }

    @Test
    void aJumpOfTheClockShouldChangeNothing() {
        node("there");
        for (int round = 0; round < 4; round++) {
            hear("p" + round);
            nodeClock.advance(Duration.ofDays(round % 2 == 0 ? 2 : -3));
        }
        awaitAttempts(4);
        kill(heard);
        letLeaseExpire();
        awaitAttempts(8);
        assertThat(by("here")).containsExactly("p0", "p1", "p2", "p3");
        assertThat(by("there")).containsExactly("p0 again", "p1 again", "p2 again", "p3 again");
        for (int i = 0; i < 4; i++) {
            assertThat(attempts.get(4 + i).publication().message().id())
                    .isEqualTo(attempts.get(i).publication().message().id());
        }
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isZero();
    }

    @Test
    void whatAnOnlyNodeHeardBeforeItsFirstMarkerShouldBePublished() {
        network.cut(heard);
        network.connectAndPublish(heard, "rm.users.ann", "early");
        awaitAttempts(1);
        assertThat(attempts.get(0).what()).startsWith("early");
    }

    @Test
    void whatTwoNewcomersHeardBeforeTheirMarkersShouldBePublishedUnderTheSameName() {
        HeardPublications second = node("second");
        network.cut(heard);
        network.cut(second);
        network.connectAllAndPublish(List.of(heard, second), "rm.users.ann", "early");
        awaitAttempts(1);
        Attempt first = attempts.get(0);
        kill(first.node().equals("here") ? heard : second);
        letLeaseExpire();
        awaitAttempts(2);
        assertThat(attempts.get(1).node()).isNotEqualTo(first.node());
        assertThat(attempts.get(1).publication().message().id())
                .isEqualTo(first.publication().message().id());
    }

    @Test
    void nodesThatAllMissedSomethingShouldGoOnSoon() {
        hear("p0");
        awaitAttempts(1);
        attempts.get(0).succeed();
        HeardPublications second = node("second");
        HeardPublications third = node("third");
        Await.until("it is recorded", () -> recordedThrough(attempts.get(0), 0));
        List.of(heard, second, third).forEach(network::cut); // as when Redis is restarted
        List.of(heard, second, third).forEach(network::connect);
        hear("p1");
        Await.until("somebody goes on", Duration.ofSeconds(10), () -> attempts.size() == 2);
        assertThat(telemetry.of(Event.PUBLICATION_GAP)).isEqualTo(1);
    }
}

package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.CountingTelemetry;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.in.MessageIds;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeardPublicationsTest {

    /** One call of the publisher; the test decides how it ends. */
    private record Attempt(Publication publication, CompletableFuture<Publisher.Receipt> stage) {

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
    private final HeardPublications heard = new HeardPublications(
            this::publish,
            new PublicationParser(new MessageIds(1), 1_000, telemetry, new MutableClock()),
            telemetry,
            new MutableClock(),
            10_000);

    @AfterEach
    void stop() {
        heard.stop();
    }

    private CompletionStage<Publisher.Receipt> publish(Publication publication) {
        Attempt attempt = new Attempt(publication, new CompletableFuture<>());
        attempts.add(attempt);
        return attempt.stage();
    }

    private void hear(String payload) {
        heard.heard("rm.users.ann".getBytes(US_ASCII), payload.getBytes(UTF_8));
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
        CompletionStage<Void> drained = heard.drained();
        assertThat(drained.toCompletableFuture()).isNotDone();
        attempts.get(0).succeed();
        Await.value(drained);
    }
}

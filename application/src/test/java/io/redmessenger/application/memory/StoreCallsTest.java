package io.redmessenger.application.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class StoreCallsTest {

    private static final UserId ANN = new UserId("ann");
    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 1000);
    private static final Presence NOBODY = new Presence(List.of(), 6);

    private final InMemoryStore store = new InMemoryStore(new MutableClock());
    private final InMemoryInbox inbox = store.inboxOf("here");

    private CompletionStage<List<AppendResult>> append(String id) {
        return inbox.append(
                new Message(new MessageId(id), "rm.users.ann", 1, new Payload("")), List.of(ANN), POLICY, false);
    }

    @Test
    void failWithShouldCarryOutNothing() {
        inbox.calls().failWith(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Await.failure(append("m1")).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        inbox.calls().succeed();
        assertThat(Await.value(inbox.peek(ANN, 1)).size()).isZero();
    }

    @Test
    void failNextWithShouldFailThatManyCalls() {
        inbox.calls().failNextWith(1, ErrorCode.OVERLOADED);
        assertThat(Await.failure(append("m1")).code()).isEqualTo(ErrorCode.OVERLOADED);
        Await.value(append("m2"));
        assertThat(inbox.calls().count()).isEqualTo(2);
    }

    @Test
    void loseAnswersShouldCarryOutAndFail() {
        inbox.calls().loseAnswers();
        assertThat(Await.failure(append("m1")).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        inbox.calls().succeed();
        assertThat(Await.value(inbox.peek(ANN, 1)).size()).isEqualTo(1);
    }

    @Test
    void holdBackShouldCarryOutButNotComplete() {
        inbox.calls().holdBack();
        CompletableFuture<List<AppendResult>> first = append("m1").toCompletableFuture();
        CompletableFuture<List<AppendResult>> second = append("m2").toCompletableFuture();
        assertThat(Await.value(store.inboxOf("there").peek(ANN, 1)).size()).isEqualTo(2);
        assertThat(inbox.calls().heldBack()).isEqualTo(2);
        assertThat(first).isNotDone();
        inbox.calls().releaseNext();
        assertThat(first).isDone();
        assertThat(second).isNotDone();
        inbox.calls().release();
        assertThat(second).isDone();
        assertThat(append("m3").toCompletableFuture()).isDone();
    }

    @Test
    void aNodeThatIsGoneShouldBeReaped() {
        Attachment attachment = Await.value(store.inboxOf("there").attach(ANN, POLICY, NOBODY));
        Await.value(append("m1"));
        store.signalsOf("there").disconnect();
        AppendResult.Stored stored =
                (AppendResult.Stored) Await.value(append("m2")).get(0);
        assertThat(stored.attachedElsewhere()).isZero();
        assertThat(Await.value(inbox.attach(ANN, POLICY, NOBODY)).shown()).isEqualTo(attachment.last() + 1);
    }
}

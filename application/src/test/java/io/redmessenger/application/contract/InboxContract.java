package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Attempt;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.Lease;
import io.redmessenger.application.port.out.Leases;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.connection.LiveConnection;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link Inbox} does. */
public interface InboxContract {

    UserId ANN = new UserId("ann");
    UserId BOB = new UserId("bob");
    UserId CAT = new UserId("cat@example.org");
    InboxPolicy POLICY = new InboxPolicy(Duration.ofDays(7), 1000);
    Presence NOBODY = new Presence(List.of(), 6);

    /** The inbox as this node sees it; the store is empty when a test begins. */
    Inbox inbox();

    /** The same store as another live node sees it. */
    Inbox inboxOfAnotherNode();

    /** The leases of this node, in the same store. */
    Leases leases();

    /** Puts something that is no inbox under the user's name. */
    void storeSomethingElse(UserId user);

    /** Lets time go by for the store; may do nothing where the test's own waiting is time enough. */
    void elapse(Duration time);

    // ---- append

    @Test
    default void appendShouldKeepOrderPerUser() {
        appendAll(ANN, 50);
        assertThat(ids(Await.value(inbox().peek(ANN, 1024)).oldest())).isEqualTo(idsThrough(50));
    }

    @Test
    default void appendShouldKeepTheOrderOfCallsWithoutWaiting() {
        List<CompletionStage<List<AppendResult>>> stages = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            stages.add(inbox().append(message("m" + i), List.of(ANN, BOB), POLICY, false));
        }
        stages.forEach(Await::value);
        assertThat(ids(Await.value(inbox().peek(ANN, 1024)).oldest())).containsExactlyElementsOf(idsThrough(500));
        assertThat(ids(Await.value(inbox().peek(BOB, 1024)).oldest())).isEqualTo(idsThrough(500));
    }

    @Test
    default void appendShouldKeepTheMessageAsItIs() {
        List<String> payloads = List.of(
                "", "100%", "%41", "\"quotes\" and \\ and /", "line\nbreak\r\ttab", "\0NUL\1", "☃ 😀 é", "]]>{}");
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        List<Message> messages = new ArrayList<>();
        for (String payload : payloads) {
            messages.add(new Message(
                    new MessageId("id'" + messages.size() + "]]{}$%1"),
                    "rm.channels.c-1",
                    1_438_480_701_712L,
                    new Payload(payload),
                    messages.size() % 2 == 0 ? Message.NO_TTL : 5_000L));
        }
        for (Message message : messages) {
            append(message, ANN);
        }
        assertThat(Await.value(inbox().peek(ANN, 1024)).oldest()).isEqualTo(messages);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(messages(page(ANN, attachment, 1024))).isEqualTo(messages);
    }

    @Test
    default void appendShouldStoreNothingWhenTheLeaseOfItsClaimIsOver() {
        Lease lease = lease();
        Claim claim = new Claim(lease, "series", 1, true);
        assertThat(Await.value(inbox().append(message("m1"), List.of(ANN), POLICY, false, Optional.of(claim))))
                .hasSize(1);
        assertThat(Await.value(leases().release(lease))).isTrue();
        Claim late = new Claim(lease, "series", 2, true);
        var failed = inbox().append(message("m2"), List.of(ANN, BOB), POLICY, false, Optional.of(late));
        var other = inbox().append(message("m3"), List.of(ANN), POLICY, false);
        assertThat(Await.failure(failed).code()).isEqualTo(ErrorCode.LEASE_OVER);
        assertThat(Await.value(other)).hasSize(1);
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).isEqualTo(List.of("m1", "m3"));
        assertThat(Await.value(inbox().peek(BOB, 10)).oldest()).isEmpty();
    }

    @Test
    default void appendShouldStoreNothingWhenItsClaimIsDone() {
        Claim claim = new Claim(lease(), "series-2", 70_000, true);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Await.value(inbox().append(message("m1"), List.of(ANN, BOB), POLICY, false, Optional.of(claim)));
        AppendResult.Stored waiting = stored(inboxOfAnotherNode(), message("m1"), ANN, claim);
        assertThat(waiting.repeated()).isTrue();
        assertThat(waiting.place()).isEqualTo(new InboxPlace(attachment.epoch(), 1));
        Mark mark = new Mark(1, new MessageId("m1"));
        Await.value(inbox().acknowledge(new Progress(ANN, attachment.epoch(), Optional.of(mark), 1, 0)));
        AppendResult.Stored gone = stored(inbox(), message("m1"), ANN, claim);
        assertThat(gone.repeated()).isTrue();
        assertThat(gone.place().position()).isZero();
        assertThat(Await.value(inbox().peek(ANN, 10)).oldest()).isEmpty();
        assertThat(Await.value(inbox().peek(BOB, 10)).size()).isEqualTo(1);
    }

    @Test
    default void appendShouldStoreNothingForAnAbandonedAttempt() {
        Attempt attempt = new Attempt();
        Lease lease = lease();
        append(new Claim(lease, "series-4", 1, true, attempt), "m1");
        attempt.abandon();
        Claim abandoned = new Claim(lease, "series-4", 2, true, attempt);
        var refused = inbox().append(message("m2"), List.of(ANN, BOB), POLICY, false, Optional.of(abandoned));
        assertThat(Await.failure(refused).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        append(new Claim(lease, "series-4", 2, true), "m3");
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).isEqualTo(List.of("m1", "m3"));
        assertThat(Await.value(inbox().peek(BOB, 10)).oldest()).isEmpty();
    }

    private void append(Claim claim, String id) {
        assertThat(Await.value(inbox().append(message(id), List.of(ANN), POLICY, false, Optional.of(claim))))
                .hasSize(1);
    }

    @Test
    default void appendInPartShouldNotCountAsDone() {
        Claim claim = new Claim(lease(), "series-3", 1, true);
        Await.value(inbox().append(message("m1"), List.of(ANN), POLICY, false, Optional.of(claim.inPart())));
        assertThat(stored(inbox(), message("m1"), BOB, claim).repeated()).isFalse();
        assertThat(stored(inbox(), message("m1"), CAT, claim).repeated()).isTrue();
        assertThat(Await.value(inbox().peek(CAT, 10)).oldest()).isEmpty();
    }

    private Lease lease() {
        return Await.value(leases().acquire("contract", Duration.ofMinutes(5))).orElseThrow();
    }

    private static AppendResult.Stored stored(Inbox inbox, Message message, UserId user, Claim claim) {
        return (AppendResult.Stored)
                Await.value(inbox.append(message, List.of(user), POLICY, false, Optional.of(claim)))
                        .get(0);
    }

    @Test
    default void appendShouldAnswerInTheOrderOfTheUsers() {
        List<UserId> users =
                IntStream.range(0, 700).mapToObj(i -> new UserId("u" + i)).toList();
        List<AppendResult> results = Await.value(inbox().append(message("m1"), users, POLICY, false));
        assertThat(results).extracting(AppendResult::user).isEqualTo(users);
        assertThat(results).allSatisfy(result -> assertThat(result).isInstanceOf(AppendResult.Stored.class));
        assertThat(ids(Await.value(inbox().peek(users.get(699), 10)).oldest())).containsExactly("m1");
    }

    @Test
    default void appendShouldDoNothingForNobody() {
        assertThat(Await.value(inbox().append(message("m1"), List.of(), POLICY, false)))
                .isEmpty();
    }

    @Test
    default void appendShouldTellWhoIsAttached() {
        assertThat(append("m1", ANN).attachedHere()).isFalse();
        assertThat(append("m2", ANN).attachedElsewhere()).isZero();
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(append("m3", ANN).attachedHere()).isTrue();
        assertThat(append("m4", ANN).attachedElsewhere()).isZero();
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, NOBODY));
        assertThat(append("m5", ANN).attachedHere()).isTrue();
        assertThat(append("m6", ANN).attachedElsewhere()).isEqualTo(1);
        assertThat(append("m7", BOB).attachedHere()).isFalse();
    }

    @Test
    default void appendShouldCountPositionsUpByOne() {
        append("m1", ANN);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(append("m2", ANN).place()).isEqualTo(new InboxPlace(attachment.epoch(), attachment.last() + 1));
        assertThat(append("m3", ANN).place()).isEqualTo(new InboxPlace(attachment.epoch(), attachment.last() + 2));
    }

    @Test
    default void appendShouldDropTheOldestWhenTheInboxIsFull() {
        InboxPolicy three = new InboxPolicy(Duration.ofDays(1), 3);
        for (int i = 1; i <= 3; i++) {
            assertThat(append(message("m" + i), ANN, three, false).dropped()).isZero();
        }
        assertThat(append(message("m4"), ANN, three, false).dropped()).isEqualTo(1);
        assertThat(append(message("m5"), ANN, three, false).dropped()).isEqualTo(1);
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).containsExactly("m3", "m4", "m5");
        InboxPolicy one = new InboxPolicy(Duration.ofDays(1), 1);
        assertThat(append(message("m6"), ANN, one, false).dropped()).isEqualTo(3);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(attachment.dropped()).isEqualTo(5);
        assertThat(attachment.missed()).isEqualTo(5);
        assertThat(attachment.pending()).isEqualTo(1);
    }

    @Test
    default void appendShouldDropTheOldestWhenAttachedToo() {
        InboxPolicy three = new InboxPolicy(Duration.ofDays(1), 3);
        Attachment attachment = Await.value(inbox().attach(ANN, three, NOBODY));
        for (int i = 1; i <= 5; i++) {
            append(message("m" + i), ANN, three, false);
        }
        Page page = page(ANN, attachment, 10);
        assertThat(positions(page))
                .containsExactly(attachment.last() + 3, attachment.last() + 4, attachment.last() + 5);
        assertThat(page.last()).isEqualTo(attachment.last() + 5);
        assertThat(page.dropped()).isEqualTo(2);
    }

    @Test
    default void appendShouldNotStoreTwiceWhenRepeated() {
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        append("m1", ANN);
        AppendResult.Stored first = append("m2", ANN);
        append("m3", ANN);
        AppendResult.Stored again = append(message("m2"), ANN, POLICY, true);
        assertThat(again.repeated()).isTrue();
        assertThat(again.place()).isEqualTo(first.place());
        assertThat(again.attachedHere()).isTrue();
        assertThat(again.dropped()).isZero();
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).containsExactly("m1", "m2", "m3");
    }

    @Test
    default void appendShouldNotStoreTwiceWhenRepeatedForAnAbsentUser() {
        append("m1", ANN);
        append("m2", ANN);
        AppendResult.Stored again = append(message("m1"), ANN, POLICY, true);
        assertThat(again.repeated()).isTrue();
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isEqualTo(2);
    }

    @Test
    default void appendShouldStoreWhatIsRepeatedButWasNeverStored() {
        append("m1", ANN);
        List<AppendResult> results = Await.value(inbox().append(message("m1"), List.of(ANN, BOB), POLICY, true));
        assertThat(results)
                .extracting(result -> ((AppendResult.Stored) result).repeated())
                .containsExactly(true, false);
        assertThat(ids(Await.value(inbox().peek(BOB, 10)).oldest())).containsExactly("m1");
        assertThat(append(message("m"), ANN, POLICY, true).repeated()).isFalse();
    }

    @Test
    default void appendShouldRejectOnlyTheUserWhoseInboxIsSomethingElse() {
        storeSomethingElse(BOB);
        List<AppendResult> results = Await.value(inbox().append(message("m1"), List.of(ANN, BOB, CAT), POLICY, false));
        assertThat(results.get(0)).isInstanceOf(AppendResult.Stored.class);
        assertThat(results.get(1)).isEqualTo(new AppendResult.Rejected(BOB, ErrorCode.WRONG_KIND));
        assertThat(results.get(2)).isInstanceOf(AppendResult.Stored.class);
        assertThat(Await.value(inbox().peek(CAT, 10)).size()).isEqualTo(1);
    }

    @Test
    default void inboxShouldVanishWhenNothingArrivesForTheExpiry() {
        InboxPolicy second = new InboxPolicy(Duration.ofSeconds(1), 1000);
        append(message("m1"), ANN, second, false);
        append(message("m2"), BOB, POLICY, false);
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isEqualTo(1);
        elapse(Duration.ofMillis(1_001));
        Await.until(
                "the inbox vanishes", () -> Await.value(inbox().peek(ANN, 10)).size() == 0);
        assertThat(Await.value(inbox().peek(BOB, 10)).size()).isEqualTo(1);
    }

    // ---- attach

    @Test
    default void attachShouldFindNothingInAnEmptyInbox() {
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(attachment.pending()).isZero();
        assertThat(attachment.first()).isEqualTo(attachment.last() + 1);
        assertThat(attachment.shown()).isLessThan(attachment.first());
        assertThat(attachment.dropped()).isZero();
        assertThat(attachment.missed()).isZero();
    }

    @Test
    default void attachShouldTellWhatWaits() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(attachment.pending()).isEqualTo(5);
        assertThat(attachment.shown()).isLessThan(attachment.first());
        assertThat(ids(messages(page(ANN, attachment, 1024)))).isEqualTo(idsThrough(5));
    }

    @Test
    default void attachShouldChangeNothingWhenRepeated() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(Await.value(inbox().attach(ANN, POLICY, NOBODY))).isEqualTo(attachment);
        assertThat(Await.value(inboxOfAnotherNode().attach(ANN, POLICY, NOBODY)))
                .isEqualTo(attachment);
    }

    private static LiveConnection connection(long id, long since) {
        return new LiveConnection(new ConnectionId(id), since);
    }

    /** Connections that are not registered yet. */
    private static Presence presence(int limit, long... connections) {
        return new Presence(
                LongStream.of(connections)
                        .mapToObj(id -> connection(id, LiveConnection.UNKNOWN))
                        .toList(),
                limit);
    }

    private static List<Long> ids(Attachment attachment) {
        return attachment.connections().stream().map(one -> one.id().value()).toList();
    }

    @Test
    default void attachShouldRegisterConnectionsByAge() {
        Attachment two = Await.value(inbox().attach(ANN, POLICY, presence(6, 7, 8)));
        assertThat(ids(two)).containsExactly(7L, 8L);
        assertThat(two.oldestHere()).isTrue();
        Attachment one = Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(6, 7)));
        assertThat(ids(one)).containsExactly(7L);
        assertThat(one.oldestHere()).isFalse();
        Attachment three = Await.value(inbox().attach(ANN, POLICY, presence(6, 7, 8, 9)));
        assertThat(three.connections())
                .startsWith(two.connections().get(0), two.connections().get(1));
        assertThat(three.oldestHere()).isTrue();
        List<Long> ages = List.of(
                three.connections().get(0).since(),
                three.connections().get(1).since(),
                one.connections().get(0).since(),
                three.connections().get(2).since());
        assertThat(ages).isSorted().doesNotHaveDuplicates().allMatch(since -> since > 0);
        assertThat(Await.value(inbox().attach(ANN, POLICY, presence(6, 9))).oldestHere())
                .as("the oldest has left")
                .isFalse();
        assertThat(Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(6, 7))))
                .extracting(Attachment::connections, Attachment::oldestHere)
                .containsExactly(one.connections(), true);
    }

    @Test
    default void attachShouldReplaceTheOldestWhenThereAreTooMany() {
        Await.value(inbox().attach(ANN, POLICY, presence(3, 1)));
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(3, 1)));
        Await.value(inbox().attach(ANN, POLICY, presence(3, 1, 2)));
        Attachment fourth = Await.value(inbox().attach(ANN, POLICY, presence(3, 1, 2, 3)));
        assertThat(ids(fourth)).as("its own oldest went").containsExactly(2L, 3L);
        assertThat(fourth.oldestHere()).isFalse();
        Attachment fifth = Await.value(inbox().attach(ANN, POLICY, presence(3, 2, 3, 4)));
        assertThat(ids(fifth)).as("the other node's went").containsExactly(2L, 3L, 4L);
        assertThat(fifth.oldestHere()).isTrue();
        assertThat(append("m1", ANN).oldestHere()).isTrue();
        Attachment smaller = Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(2, 2)));
        assertThat(ids(smaller)).containsExactly(2L);
        assertThat(append("m2", ANN).oldestHere())
                .as("4 and the new one are left")
                .isTrue();
        assertThat(ids(Await.value(inbox().attach(ANN, POLICY, presence(2, 4)))))
                .containsExactly(4L);
    }

    @Test
    default void attachShouldKeepAnAgeThatOnlyTheNodeRemembers() {
        Attachment old = Await.value(inbox().attach(ANN, POLICY, presence(6, 1)));
        Attachment other = Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(6, 1)));
        Await.value(inbox().detach(nothingDone(old), old.last()));
        assertThat(append("m1", ANN).oldestHere()).isFalse();
        LiveConnection remembered = old.connections().get(0);
        Presence back = new Presence(List.of(remembered, connection(2, LiveConnection.UNKNOWN)), 6);
        Attachment again = Await.value(inbox().attach(ANN, POLICY, back));
        assertThat(again.connections()).startsWith(remembered);
        assertThat(again.connections().get(1).since())
                .isGreaterThan(other.connections().get(0).since());
        assertThat(again.oldestHere()).isTrue();
        assertThat(append("m2", ANN).oldestHere()).isTrue();
    }

    @Test
    default void appendShouldTellWhetherTheOldestConnectionIsHere() {
        assertThat(append("m1", ANN).oldestHere()).isFalse();
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(6, 1)));
        assertThat(append("m2", ANN).oldestHere()).isFalse();
        Await.value(inbox().attach(ANN, POLICY, presence(6, 1)));
        assertThat(append("m3", ANN).oldestHere()).isFalse();
        Attachment there = Await.value(inboxOfAnotherNode().attach(ANN, POLICY, presence(6, 2)));
        assertThat(append("m4", ANN).oldestHere()).isTrue();
        assertThat(append(message("m4"), ANN, POLICY, true).oldestHere())
                .as("found")
                .isTrue();
        Await.value(inboxOfAnotherNode().detach(nothingDone(there), there.last()));
        assertThat(append("m5", ANN).oldestHere()).isTrue();
    }

    @Test
    default void attachShouldFailWhenTheInboxIsSomethingElse() {
        storeSomethingElse(ANN);
        assertThat(Await.failure(inbox().attach(ANN, POLICY, NOBODY)).code()).isEqualTo(ErrorCode.WRONG_KIND);
    }

    // ---- acknowledge

    @Test
    default void acknowledgeShouldRemoveWhatIsDone() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(acknowledge(inbox(), attachment, 3)).isTrue();
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).containsExactly("m4", "m5");
        Attachment next = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(next.epoch()).isEqualTo(attachment.epoch());
        assertThat(next.first()).isEqualTo(attachment.first() + 3);
        assertThat(next.last()).isEqualTo(attachment.last());
    }

    @Test
    default void acknowledgeShouldBeHarmlessWhenRepeatedOrOvertaken() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(acknowledge(inbox(), attachment, 4)).isTrue();
        assertThat(acknowledge(inbox(), attachment, 4)).isTrue();
        assertThat(acknowledge(inbox(), attachment, 2)).isTrue();
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).containsExactly("m5");
        assertThat(acknowledge(inbox(), attachment, 5)).isTrue();
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isZero();
        Attachment next = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(next.pending()).isZero();
        assertThat(append("m6", ANN).place()).isEqualTo(new InboxPlace(attachment.epoch(), attachment.last() + 1));
    }

    @Test
    default void acknowledgeShouldRemoveNothingWhenNothingIsDone() {
        appendAll(ANN, 3);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Progress progress = new Progress(ANN, attachment.epoch(), Optional.empty(), attachment.last(), 0);
        assertThat(Await.value(inbox().acknowledge(progress))).isTrue();
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isEqualTo(3);
    }

    @Test
    default void acknowledgeShouldKeepWhatAViewOfThisNodeStillNeeds() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Mark mark = markOf(attachment, 5);
        Progress behind = new Progress(ANN, attachment.epoch(), Optional.of(mark), attachment.first() + 1, 0);
        assertThat(Await.value(inbox().acknowledge(behind))).isTrue();
        assertThat(ids(messages(page(ANN, attachment, 10)))).containsExactly("m3", "m4", "m5");
        Attachment later = Await.value(inboxOfAnotherNode().attach(ANN, POLICY, NOBODY));
        assertThat(later.pending()).isZero();
    }

    @Test
    default void acknowledgeShouldKeepWhatAnotherNodeStillNeeds() {
        Attachment here = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Await.value(inboxOfAnotherNode().attach(ANN, POLICY, NOBODY));
        appendAll(ANN, 4);
        Mark done = new Mark(here.last() + 4, new MessageId("m4"));
        Progress all = new Progress(ANN, here.epoch(), Optional.of(done), here.last() + 4, 0);
        assertThat(Await.value(inbox().acknowledge(all))).isTrue();
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isEqualTo(4);
        Progress one = new Progress(ANN, here.epoch(), Optional.empty(), here.last() + 1, 0);
        assertThat(Await.value(inboxOfAnotherNode().acknowledge(one))).isTrue();
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).containsExactly("m2", "m3", "m4");
        Progress rest = new Progress(ANN, here.epoch(), Optional.empty(), here.last() + 4, 0);
        Await.value(inboxOfAnotherNode().detach(rest, here.last() + 4));
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isZero();
    }

    @Test
    default void acknowledgeShouldRefuseAnotherEpoch() {
        appendAll(ANN, 3);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Progress progress = new Progress(ANN, "another", Optional.of(markOf(attachment, 2)), attachment.last(), 0);
        assertThat(Await.value(inbox().acknowledge(progress))).isFalse();
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isEqualTo(3);
    }

    @Test
    default void acknowledgeShouldRefuseAnotherMessageAtTheMark() {
        appendAll(ANN, 3);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Mark other = new Mark(attachment.first() + 1, new MessageId("m3"));
        assertThat(Await.value(inbox().acknowledge(
                                new Progress(ANN, attachment.epoch(), Optional.of(other), attachment.last(), 0))))
                .isFalse();
        Mark beyond = new Mark(attachment.last() + 1, new MessageId("m4"));
        assertThat(Await.value(inbox().acknowledge(
                                new Progress(ANN, attachment.epoch(), Optional.of(beyond), attachment.last() + 1, 0))))
                .isFalse();
        assertThat(Await.value(inbox().peek(ANN, 10)).size()).isEqualTo(3);
    }

    @Test
    default void acknowledgeShouldRefuseWhenTheInboxIsUnknown() {
        Progress progress = new Progress(ANN, "e", Optional.of(new Mark(1, new MessageId("m1"))), 1, 0);
        assertThat(Await.value(inbox().acknowledge(progress))).isFalse();
    }

    @Test
    default void acknowledgeShouldRememberWhatTheUserWasTold() {
        InboxPolicy two = new InboxPolicy(Duration.ofDays(1), 2);
        for (int i = 1; i <= 5; i++) {
            append(message("m" + i), ANN, two, false);
        }
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(attachment.missed()).isEqualTo(3);
        Progress told = new Progress(ANN, attachment.epoch(), Optional.empty(), attachment.last(), 2);
        assertThat(Await.value(inbox().acknowledge(told))).isTrue();
        Attachment later = Await.value(inboxOfAnotherNode().attach(ANN, POLICY, NOBODY));
        assertThat(later.dropped()).isEqualTo(3);
        assertThat(later.missed()).isEqualTo(1);
    }

    // ---- detach

    @Test
    default void detachShouldEndTheRegistration() {
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        append("m1", ANN);
        Await.value(inbox().detach(nothingDone(attachment), attachment.last()));
        assertThat(append("m2", ANN).attachedHere()).isFalse();
        assertThat(ids(Await.value(inbox().peek(ANN, 10)).oldest())).containsExactly("m1", "m2");
    }

    @Test
    default void detachShouldCountWhatWasOfferedAsShown() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Progress progress =
                new Progress(ANN, attachment.epoch(), Optional.of(markOf(attachment, 1)), attachment.first() + 2, 0);
        Await.value(inbox().detach(progress, attachment.first() + 2));
        Attachment next = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(next.pending()).isEqualTo(4);
        assertThat(next.shown() - next.first()).isEqualTo(1);
    }

    @Test
    default void detachShouldAcceptAnotherEpoch() {
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        append("m1", ANN);
        Await.value(inbox().detach(new Progress(ANN, "another", Optional.empty(), 7, 0), 7));
        assertThat(append("m2", ANN).attachedHere()).isFalse();
        assertThat(Await.value(inbox().attach(ANN, POLICY, NOBODY)).shown()).isLessThanOrEqualTo(attachment.last());
    }

    @Test
    default void detachShouldLeaveNothingBehindThatMatters() {
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        append("m1", ANN);
        Progress all = new Progress(
                ANN,
                attachment.epoch(),
                Optional.of(new Mark(attachment.last() + 1, new MessageId("m1"))),
                attachment.last() + 1,
                0);
        Await.value(inbox().detach(all, attachment.last() + 1));
        append("m2", ANN);
        Attachment next = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(next.pending()).isEqualTo(1);
        assertThat(next.shown()).isLessThan(next.first());
        assertThat(ids(messages(page(ANN, next, 10)))).containsExactly("m2");
    }

    // ---- page

    @Test
    default void pageShouldReadFromThePositionOn() {
        appendAll(ANN, 10);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Page page = Await.value(inbox().page(ANN, attachment.epoch(), attachment.first() + 3, 4))
                .orElseThrow();
        assertThat(ids(messages(page))).containsExactly("m4", "m5", "m6", "m7");
        assertThat(positions(page))
                .containsExactly(
                        attachment.first() + 3, attachment.first() + 4, attachment.first() + 5, attachment.first() + 6);
        assertThat(page.last()).isEqualTo(attachment.last());
    }

    @Test
    default void pageShouldBeginAtTheHeadWhenThePositionIsGone() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(acknowledge(inbox(), attachment, 2)).isTrue();
        assertThat(ids(messages(page(ANN, attachment, 2)))).containsExactly("m3", "m4");
    }

    @Test
    default void pageShouldBeEmptyBehindTheEnd() {
        appendAll(ANN, 2);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        Page page = Await.value(inbox().page(ANN, attachment.epoch(), attachment.last() + 1, 10))
                .orElseThrow();
        assertThat(page.queued()).isEmpty();
        assertThat(page.last()).isEqualTo(attachment.last());
    }

    @Test
    default void pageShouldFindNothingInAnotherEpoch() {
        appendAll(ANN, 2);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(Await.value(inbox().page(ANN, "another", attachment.first(), 10)))
                .isEmpty();
        assertThat(Await.value(inbox().page(BOB, attachment.epoch(), 1, 10))).isEmpty();
    }

    @Test
    default void pageShouldReachTheEndOfALargeInbox() {
        Await.value(inbox().attach(ANN, POLICY, NOBODY));
        String large = "x".repeat(40_000);
        for (int i = 1; i <= 60; i++) {
            append(new Message(new MessageId("m" + i), "rm.users.ann", 1, new Payload(large)), ANN);
        }
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        List<String> read = new ArrayList<>();
        long next = attachment.first();
        while (next <= attachment.last()) {
            Page page = Await.value(inbox().page(ANN, attachment.epoch(), next, 1024))
                    .orElseThrow();
            assertThat(page.queued()).isNotEmpty();
            assertThat(positions(page).get(0)).isEqualTo(next);
            read.addAll(ids(messages(page)));
            next = positions(page).get(page.queued().size() - 1) + 1;
        }
        assertThat(read).isEqualTo(idsThrough(60));
    }

    // ---- peek and clear

    @Test
    default void peekShouldReadTheOldestAndTheSize() {
        appendAll(ANN, 5);
        Inbox.Contents contents = Await.value(inbox().peek(ANN, 2));
        assertThat(contents.size()).isEqualTo(5);
        assertThat(ids(contents.oldest())).containsExactly("m1", "m2");
        assertThat(Await.value(inbox().peek(BOB, 2))).isEqualTo(new Inbox.Contents(0, List.of()));
    }

    @Test
    default void peekAndClearShouldFailWhenTheInboxIsSomethingElse() {
        storeSomethingElse(ANN);
        assertThat(Await.failure(inbox().peek(ANN, 2)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(inbox().clear(ANN)).code()).isEqualTo(ErrorCode.WRONG_KIND);
    }

    @Test
    default void clearShouldRemoveEverything() {
        appendAll(ANN, 5);
        assertThat(Await.value(inbox().clear(ANN))).isEqualTo(5);
        assertThat(Await.value(inbox().clear(ANN))).isZero();
        assertThat(Await.value(inbox().peek(ANN, 2)).size()).isZero();
    }

    @Test
    default void clearShouldLetLiveViewsGoOn() {
        appendAll(ANN, 5);
        Attachment attachment = Await.value(inbox().attach(ANN, POLICY, NOBODY));
        assertThat(Await.value(inbox().clear(ANN))).isEqualTo(5);
        Page empty = page(ANN, attachment, 10);
        assertThat(empty.queued()).isEmpty();
        assertThat(empty.last()).isEqualTo(attachment.last());
        AppendResult.Stored next = append("m6", ANN);
        assertThat(next.place()).isEqualTo(new InboxPlace(attachment.epoch(), attachment.last() + 1));
        assertThat(positions(page(ANN, attachment, 10))).containsExactly(attachment.last() + 1);
        assertThat(Await.value(inboxOfAnotherNode().attach(ANN, POLICY, NOBODY)).missed())
                .isZero();
    }

    // ---- in the words of the tests above

    private AppendResult.Stored append(String id, UserId user) {
        return append(message(id), user);
    }

    private AppendResult.Stored append(Message message, UserId user) {
        return append(message, user, POLICY, false);
    }

    private AppendResult.Stored append(Message message, UserId user, InboxPolicy policy, boolean again) {
        List<AppendResult> results = Await.value(inbox().append(message, List.of(user), policy, again));
        assertThat(results).hasSize(1);
        assertThat(results.get(0).user()).isEqualTo(user);
        return (AppendResult.Stored) results.get(0);
    }

    private void appendAll(UserId user, int count) {
        for (int i = 1; i <= count; i++) {
            append("m" + i, user);
        }
    }

    private static Message message(String id) {
        return new Message(new MessageId(id), "rm.users.ann", 1_438_480_701_712L, new Payload("payload of " + id));
    }

    private static List<String> idsThrough(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "m" + i).toList();
    }

    private static List<String> ids(List<Message> messages) {
        return messages.stream().map(message -> message.id().value()).toList();
    }

    private static List<Message> messages(Page page) {
        return page.queued().stream().map(Delivery.Queued::message).toList();
    }

    private static List<Long> positions(Page page) {
        return page.queued().stream().map(Delivery.Queued::position).toList();
    }

    private Page page(UserId user, Attachment attachment, int count) {
        return Await.value(inbox().page(user, attachment.epoch(), attachment.first(), count))
                .orElseThrow();
    }

    /** The mark at message {@code m<number>}, where {@code m1} is the first of the attachment. */
    private static Mark markOf(Attachment attachment, int number) {
        return new Mark(attachment.first() + number - 1, new MessageId("m" + number));
    }

    private static boolean acknowledge(Inbox inbox, Attachment attachment, int number) {
        Progress progress =
                new Progress(ANN, attachment.epoch(), Optional.of(markOf(attachment, number)), attachment.last(), 0);
        return Await.value(inbox.acknowledge(progress));
    }

    private static Progress nothingDone(Attachment attachment) {
        return new Progress(ANN, attachment.epoch(), Optional.empty(), attachment.last(), 0);
    }
}

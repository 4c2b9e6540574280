package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.memory.RecordingConnection;
import io.redmessenger.application.memory.RecordingConnection.Call;
import io.redmessenger.application.port.in.Sessions;
import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.application.service.ServiceNode.Client;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpenSessionServiceTest {

    private static final UserId ANN = new UserId("ann");
    private static final UserId BOB = new UserId("bob");

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final ServiceNode here = new ServiceNode(store, "here", clock, ServiceNode.SETTINGS);
    private final ServiceNode there = new ServiceNode(store, "there", clock, ServiceNode.SETTINGS);

    private ServiceNode node(boolean secure, int connectionLimit, int inboxLimit) {
        InboxPolicy policy = new InboxPolicy(Duration.ofDays(7), inboxLimit);
        return new ServiceNode(store, "special", clock, new SessionSettings(secure, connectionLimit, policy));
    }

    // ---- delivering

    @Test
    void openShouldDeliverTheBacklogThenWhatComes() {
        here.publish(ANN, 1, 2);
        Client client = here.open(ANN);
        here.publish(ANN, "m3");
        there.publish(ANN, "m4");
        assertThat(client.connection().pending()).contains(2L);
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4");
        assertThat(client.connection().offered().stream().map(Delivery.Offered::sequence))
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(client.connection().offered()).noneMatch(Delivery.Offered::redelivered);
        assertThat(client.connection().calls().get(0)).isEqualTo(new Call.Opened(2));
        assertThat(here.telemetry.of(Event.SESSION_OPENED)).isEqualTo(1);
        assertThat(here.telemetry.of(Event.OFFERED)).isEqualTo(4);
    }

    @Test
    void openShouldDeliverALongBacklogAsItIsAcknowledged() {
        here.publish(ANN, 1, 100);
        Client client = here.open(ANN);
        assertThat(client.payloads()).hasSize(4);
        while (client.payloads().size() < 100) {
            int before = client.payloads().size();
            client.acknowledgeAll();
            assertThat(client.payloads()).hasSizeGreaterThan(before);
        }
        client.acknowledgeAll();
        assertThat(client.payloads())
                .doesNotHaveDuplicates()
                .startsWith("m1", "m2")
                .endsWith("m99", "m100");
        assertThat(here.waiting(ANN)).isEmpty();
        assertThat(here.telemetry.of(Event.ACKNOWLEDGED)).isEqualTo(100);
    }

    @Test
    void whatIsPublishedWhileTheInboxIsAttachedShouldNotGetLost() {
        here.inbox.calls().holdBack();
        Client client = here.open(ANN);
        there.publish(ANN, "m1");
        assertThat(client.connection().calls()).isEmpty();
        here.inbox.calls().release();
        assertThat(client.payloads()).containsExactly("m1");
    }

    @Test
    void whatIsPublishedWhileAPageIsReadShouldComeOnceAndInOrder() {
        there.publish(ANN, 1, 2);
        here.inbox.calls().holdBack();
        Client client = here.open(ANN);
        here.inbox.calls().releaseNext();
        there.publish(ANN, "m3");
        here.inbox.calls().release();
        there.publish(ANN, "m4");
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4");
    }

    @Test
    void aLateAttachmentOfASecondConnectionShouldNotDisturbTheFirst() {
        Client first = here.open(ANN);
        here.inbox.calls().holdBack();
        Client second = here.open(ANN);
        there.publish(ANN, "m1");
        assertThat(first.payloads()).containsExactly("m1");
        here.inbox.calls().release();
        assertThat(second.payloads()).containsExactly("m1");
        there.publish(ANN, "m2");
        assertThat(second.payloads()).containsExactly("m1", "m2");
        assertThat(first.payloads()).as("nothing again").containsExactly("m1", "m2");
    }

    @Test
    void everyConnectionShouldGetEverything() {
        Client one = here.open(ANN);
        Client two = here.open(ANN);
        Client elsewhere = there.open(ANN);
        Client other = here.open(BOB);
        here.publish(ANN, 1, 3);
        assertThat(one.payloads()).containsExactly("m1", "m2", "m3");
        assertThat(two.payloads()).containsExactly("m1", "m2", "m3");
        assertThat(elsewhere.payloads()).containsExactly("m1", "m2", "m3");
        assertThat(other.payloads()).isEmpty();
    }

    // ---- connections of one user

    @Test
    void theOldestConnectionShouldBubbleAndPassItOn() {
        Client one = here.open(ANN);
        Client two = here.open(ANN);
        here.publish(ANN, "m1");
        assertThat(one.connection().bubbled()).isTrue();
        assertThat(two.connection().bubbled()).isFalse();
        one.session().closed();
        here.publish(ANN, "m2");
        assertThat(one.payloads()).containsExactly("m1");
        assertThat(two.payloads()).containsExactly("m1", "m2");
        assertThat(two.connection().bubbled()).isTrue();
    }

    @Test
    void theBubbleShouldBePassedOnAcrossNodes() {
        Client one = here.open(ANN);
        Client two = there.open(ANN);
        Client three = here.open(ANN);
        Client four = there.open(ANN);
        List<Client> clients = List.of(one, two, three, four);
        for (int leaving = 0; leaving < clients.size(); leaving++) {
            here.publish(ANN, "here" + leaving);
            assertBubbling(clients.subList(leaving, clients.size()));
            there.publish(ANN, "there" + leaving);
            assertBubbling(clients.subList(leaving, clients.size()));
            clients.forEach(Client::acknowledgeAll);
            clients.get(leaving).session().closed();
        }
    }

    /** The first of the clients bubbles, the others do not. */
    private static void assertBubbling(List<Client> clients) {
        for (int i = 0; i < clients.size(); i++) {
            assertThat(clients.get(i).connection().bubbled()).isEqualTo(i == 0);
        }
    }

    @Test
    void theBubbleShouldStayWhenAYoungerConnectionLeavesElsewhere() {
        Client one = here.open(ANN);
        Client two = there.open(ANN);
        Client three = there.open(ANN);
        two.session().closed();
        there.publish(ANN, "m1");
        assertBubbling(List.of(one, three));
    }

    @Test
    void aBacklogShouldBubbleOnTheOldestConnectionOnly() {
        here.publish(ANN, "m1");
        Client one = here.open(ANN);
        Client two = there.open(ANN);
        assertThat(two.payloads()).containsExactly("m1");
        assertBubbling(List.of(one, two));
    }

    @Test
    void theNextOldestShouldBubbleOnceANodeIsDead() {
        Client one = here.open(ANN);
        Client two = there.open(ANN);
        ServiceNode third = node(false, 6, 1000);
        Client three = third.open(ANN);
        here.signals.disconnect();
        third.publish(ANN, "m1");
        assertBubbling(List.of(two, three));
        there.signals.disconnect();
        third.publish(ANN, "m2");
        assertBubbling(List.of(three));
        there.signals.reconnect();
        here.signals.reconnect();
        third.publish(ANN, "m3");
        assertThat(one.payloads()).containsExactly("m1", "m2", "m3");
        assertBubbling(List.of(one, two, three));
    }

    @Test
    void aStoreThatForgotEverythingShouldGetTheAgesBack() {
        Client one = here.open(ANN);
        Client two = there.open(ANN);
        store.forgetEverything();
        there.sessions.storeRestored();
        Client three = there.open(ANN);
        here.sessions.storeRestored();
        here.publish(ANN, "m1");
        assertBubbling(List.of(one, two, three));
    }

    @Test
    void oneConnectionTooManyShouldReplaceTheOldestWhereverItIs() {
        Client first = here.open(ANN);
        Client second = there.open(ANN);
        for (int i = 3; i <= 6; i++) {
            (i % 2 == 0 ? here : there).open(ANN);
        }
        assertThat(first.connection().closed()).isEmpty();
        Client seventh = there.open(ANN);
        assertThat(first.connection().closed()).contains(CloseReason.REPLACED);
        assertThat(here.telemetry.of(Event.SESSION_REPLACED)).isEqualTo(1);
        assertThat(there.telemetry.of(Event.SESSION_REPLACED)).isZero();
        here.publish(ANN, "m1");
        assertBubbling(List.of(second, seventh));
        assertThat(first.payloads()).isEmpty();
        there.open(ANN);
        assertThat(second.connection().closed()).as("on the same node").contains(CloseReason.REPLACED);
    }

    @Test
    void aLostReplacementShouldBeMadeUpForAtTheNextRenewal() {
        ServiceNode small = node(false, 1, 1000);
        Client one = here.open(ANN);
        here.signals.loseSignals(true);
        Client two = small.open(ANN);
        here.signals.loseSignals(false);
        assertThat(one.connection().closed()).isEmpty();
        small.publish(ANN, "m1");
        assertBubbling(List.of(two, one));
        ServiceNode smallToo =
                new ServiceNode(store, "small too", clock, new SessionSettings(false, 1, ServiceNode.POLICY));
        Client three = smallToo.open(ANN);
        assertThat(two.connection().closed()).contains(CloseReason.REPLACED);
        smallToo.publish(ANN, "m2");
        assertBubbling(List.of(three));
    }

    @Test
    void aConnectionThatIsReplacedWhileItsNodeIsCutOffShouldBeClosedAfterwards() {
        SessionSettings two = new SessionSettings(false, 2, ServiceNode.POLICY);
        ServiceNode cut = new ServiceNode(store, "cut", clock, two);
        ServiceNode other = new ServiceNode(store, "other", clock, two);
        Client oldest = cut.open(ANN);
        Client older = cut.open(ANN);
        clock.advance(Duration.ofSeconds(1));
        cut.signals.disconnect();
        Client third = other.open(ANN);
        assertThat(oldest.connection().closed()).isEmpty();
        cut.signals.reconnect();
        assertThat(oldest.connection().closed()).contains(CloseReason.REPLACED);
        assertThat(older.connection().closed()).isEmpty();
        other.publish(ANN, "m1");
        assertBubbling(List.of(older, third));
    }

    @Test
    void aConnectionThatLeavesBeforeItIsLetInShouldNotBeCounted() {
        ServiceNode two = node(false, 2, 1000);
        Client one = there.open(ANN);
        Client stays = two.open(ANN);
        one.session().closed();
        two.inbox.calls().holdBack();
        two.open(ANN).session().closed();
        two.inbox.calls().release();
        Client three = two.open(ANN);
        assertThat(stays.connection().closed()).isEmpty();
        two.publish(ANN, "m1");
        assertBubbling(List.of(stays, three));
    }

    @Test
    void oneConnectionTooManyShouldReplaceTheOldest() {
        ServiceNode node = node(false, 2, 1000);
        Client one = node.open(ANN);
        Client two = node.open(ANN);
        Client three = node.open(ANN);
        assertThat(one.connection().closed()).contains(CloseReason.REPLACED);
        assertThat(node.telemetry.of(Event.SESSION_REPLACED)).isEqualTo(1);
        node.publish(ANN, "m1");
        assertThat(one.payloads()).isEmpty();
        assertThat(two.payloads()).containsExactly("m1");
        assertThat(two.connection().bubbled()).isTrue();
        assertThat(three.payloads()).containsExactly("m1");
        assertThat(three.connection().bubbled()).isFalse();
        assertThat(two.connection().closed()).isEmpty();
        assertThat(node.open(BOB).connection().closed()).as("another user").isEmpty();
    }

    @Test
    void replacingTheOnlyConnectionShouldLoseNothing() {
        ServiceNode node = node(false, 1, 1000);
        Client one = node.open(ANN);
        node.publish(ANN, 1, 2);
        one.session().acknowledge(1);
        Client two = node.open(ANN);
        assertThat(one.connection().closed()).contains(CloseReason.REPLACED);
        assertThat(two.payloads()).containsExactly("m2");
        assertThat(two.connection().offered()).allMatch(Delivery.Offered::redelivered);
    }

    // ---- acknowledging

    @Test
    void acknowledgeShouldRemoveOnlyWhatEveryLiveConnectionWasOffered() {
        Client quick = here.open(ANN);
        Client slow = here.open(ANN);
        for (int i = 1; i <= 6; i++) {
            here.publish(ANN, "m" + i);
            quick.acknowledgeAll();
        }
        assertThat(slow.payloads()).containsExactly("m1", "m2", "m3", "m4");
        assertThat(here.waiting(ANN)).containsExactly("m5", "m6");
        slow.acknowledgeAll();
        assertThat(slow.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5", "m6");
        assertThat(here.waiting(ANN)).isEmpty();
    }

    @Test
    void aSlowConnectionThatLeavesShouldLetGoOfWhatIsDone() {
        Client quick = here.open(ANN);
        Client slow = here.open(ANN);
        for (int i = 1; i <= 6; i++) {
            here.publish(ANN, "m" + i);
            quick.acknowledgeAll();
        }
        slow.session().closed();
        assertThat(here.waiting(ANN)).isEmpty();
    }

    @Test
    void aConnectionOnAnotherNodeThatNeverAcknowledgesShouldKeepLittle() {
        Client acknowledging = here.open(ANN);
        Client silent = there.open(ANN);
        for (int i = 1; i <= 100; i++) {
            here.publish(ANN, "m" + i);
            acknowledging.acknowledgeAll();
            silent.session().written(i);
            assertThat(here.waiting(ANN)).hasSizeLessThanOrEqualTo(2);
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(silent.payloads()).hasSize(100);
        there.sessions.renewAttachments(Duration.ofMinutes(20));
        assertThat(here.waiting(ANN)).isEmpty();
    }

    @Test
    void whatIsAcknowledgedSoonShouldCostNoCallMore() {
        Client client = here.open(ANN);
        here.publish(ANN, "m1");
        client.acknowledgeAll();
        long before = here.inbox.calls().count();
        for (int i = 2; i <= 11; i++) {
            clock.advance(Duration.ofSeconds(10));
            here.publish(ANN, "m" + i);
            client.acknowledgeAll();
        }
        assertThat(here.inbox.calls().count() - before)
                .as("an append and an acknowledgement each")
                .isEqualTo(20);
    }

    @Test
    void whatOneConnectionHasAcknowledgedShouldNotComeToTheNext() {
        Client one = here.open(ANN);
        here.publish(ANN, 1, 3);
        one.session().acknowledge(2);
        Client two = here.open(ANN);
        assertThat(two.payloads()).containsExactly("m3");
        assertThat(two.connection().pending()).contains(1L);
    }

    @Test
    void whatIsNotAcknowledgedShouldComeAgainToTheNext() {
        Client one = here.open(ANN);
        here.publish(ANN, 1, 3);
        one.session().acknowledge(1);
        one.session().closed();
        here.publish(ANN, "m4");
        assertThat(here.waiting(ANN)).containsExactly("m2", "m3", "m4");
        Client two = there.open(ANN);
        assertThat(two.payloads()).containsExactly("m2", "m3", "m4");
        assertThat(two.connection().offered().stream().map(Delivery.Offered::redelivered))
                .containsExactly(true, true, false);
        assertThat(two.connection().offered().get(0).message().id()).isEqualTo(new MessageId("m2"));
        assertThat(there.telemetry.of(Event.REDELIVERED)).isEqualTo(2);
    }

    @Test
    void acknowledgeByIdShouldDoAllBeforeIt() {
        Client client = here.open(ANN);
        here.publish(ANN, 1, 3);
        client.session().acknowledge(new MessageId("nonsense"));
        assertThat(here.waiting(ANN)).hasSize(3);
        client.session().acknowledge(new MessageId("m2"));
        assertThat(here.waiting(ANN)).containsExactly("m3");
        client.session().acknowledge(new MessageId("m1"));
        assertThat(here.waiting(ANN)).containsExactly("m3");
    }

    @Test
    void acknowledgeAheadOfWhatWasOfferedShouldReachNothingElse() {
        Client client = here.open(ANN);
        client.session().acknowledge(7);
        here.publish(ANN, "m1");
        client.session().closed();
        assertThat(here.waiting(ANN)).containsExactly("m1");
    }

    @Test
    void reportsOfAClosedConnectionShouldBeIgnored() {
        Client client = here.open(ANN);
        here.publish(ANN, "m1");
        client.session().closed();
        client.session().closed();
        client.session().acknowledge(1);
        client.session().acknowledge(new MessageId("m1"));
        assertThat(here.waiting(ANN)).containsExactly("m1");
        assertThat(here.publish(ANN, "m2").attached()).isZero();
        assertThat(client.payloads()).containsExactly("m1");
    }

    @Test
    void aConnectionThatIsGoneBeforeItIsLetInShouldLeaveNoTrace() {
        here.inbox.calls().holdBack();
        Client client = here.open(ANN);
        client.session().closed();
        here.inbox.calls().release();
        assertThat(client.connection().calls()).isEmpty();
        assertThat(there.publish(ANN, "m1").attached()).isZero();
        assertThat(here.open(ANN).payloads()).containsExactly("m1");
    }

    // ---- letting in

    private static Client open(ServiceNode node, UserId user, String key) {
        RecordingConnection connection = new RecordingConnection(1);
        Sessions.Session session = node.sessions.open(user, Optional.of(new Credential(key)), connection);
        return new Client(connection, session);
    }

    @Test
    void secureModeShouldLetInWhoShowsTheKey() {
        ServiceNode node = node(true, 6, 1000);
        Await.value(node.credentials.set(ANN, new Credential("k:1")));
        Client client = open(node, ANN, "k:1");
        node.publish(ANN, "m1");
        assertThat(client.payloads()).containsExactly("m1");
    }

    @Test
    void secureModeShouldTurnAwayEverybodyElse() {
        ServiceNode node = node(true, 6, 1000);
        Await.value(node.credentials.set(ANN, new Credential("k:1")));
        node.publish(ANN, "m1");
        node.publish(BOB, "m2");
        for (Client client : List.of(open(node, ANN, "k:2"), node.open(ANN), open(node, BOB, "k:1"), node.open(BOB))) {
            assertThat(client.connection().calls()).containsExactly(new Call.Closed(CloseReason.UNAUTHORIZED));
        }
        assertThat(node.telemetry.of(Event.SESSION_UNAUTHORIZED)).isEqualTo(4);
        assertThat(node.waiting(ANN)).containsExactly("m1");
    }

    @Test
    void secureModeShouldNotTakeAFailureForAnAnswer() {
        ServiceNode node = node(true, 6, 1000);
        node.credentials.calls().failNextWith(1, ErrorCode.STORE_UNAVAILABLE);
        assertThat(open(node, ANN, "k").connection().closed()).contains(CloseReason.STORE_UNAVAILABLE);
        node.credentials.storeSomethingElse(ANN);
        assertThat(open(node, ANN, "k").connection().closed()).contains(CloseReason.INTERNAL);
        assertThat(node.telemetry.of(Event.SESSION_UNAUTHORIZED)).isZero();
    }

    @Test
    void withoutSecureModeNoKeyShouldBeLookedAt() {
        Await.value(here.credentials.set(ANN, new Credential("k")));
        assertThat(open(here, ANN, "wrong").connection().pending()).contains(0L);
        assertThat(here.open(ANN).connection().pending()).contains(0L);
    }

    @Test
    void openShouldSayThatTheStoreIsUnavailable() {
        here.signals.disconnect();
        assertThat(here.open(ANN).connection().calls()).containsExactly(new Call.Closed(CloseReason.STORE_UNAVAILABLE));
        here.signals.reconnect();
        here.inbox.calls().failNextWith(1, ErrorCode.STORE_REFUSED);
        assertThat(here.open(ANN).connection().calls()).containsExactly(new Call.Closed(CloseReason.STORE_UNAVAILABLE));
        assertThat(here.open(ANN).connection().pending()).contains(0L);
    }

    @Test
    void openShouldSayThatTheInboxIsUnreadable() {
        store.storeSomethingElse(ANN);
        assertThat(here.open(ANN).connection().calls()).containsExactly(new Call.Closed(CloseReason.INBOX_UNREADABLE));
        store.repair(ANN);
        assertThat(here.open(ANN).connection().pending()).contains(0L);
    }

    // ---- failures

    @Test
    void storeRestoredShouldBringWhatHappenedMeanwhile() {
        Client client = here.open(ANN);
        here.signals.disconnect();
        there.publish(ANN, 1, 2);
        assertThat(client.connection().calls()).containsExactly(new Call.Opened(0));
        here.signals.reconnect();
        assertThat(client.payloads()).containsExactly("m1", "m2");
        there.publish(ANN, "m3");
        assertThat(client.payloads()).as("the registration is renewed").containsExactly("m1", "m2", "m3");
        assertThat(here.telemetry.of(Event.STORE_LOST)).isEqualTo(1);
        assertThat(client.connection().closed()).isEmpty();
    }

    @Test
    void aLostSignalShouldBeNoticedAtTheNext() {
        Client client = here.open(ANN);
        here.signals.loseSignals(true);
        there.publish(ANN, 1, 2);
        here.signals.loseSignals(false);
        there.publish(ANN, "m3");
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3");
    }

    @Test
    void renewAttachmentsShouldLookAgainOnlyWhenTheTimeHasCome() {
        Client client = here.open(ANN);
        here.signals.loseSignals(true);
        there.publish(ANN, "m1");
        here.sessions.renewAttachments(Duration.ofSeconds(60));
        assertThat(client.payloads()).isEmpty();
        clock.advance(Duration.ofSeconds(60));
        long before = here.inbox.calls().count();
        here.sessions.renewAttachments(Duration.ofSeconds(60));
        assertThat(client.payloads()).containsExactly("m1");
        assertThat(here.inbox.calls().count()).isEqualTo(before + 2);
        here.sessions.renewAttachments(Duration.ofSeconds(60));
        assertThat(here.inbox.calls().count()).as("just renewed").isEqualTo(before + 2);
    }

    @Test
    void aFailedReadShouldBeRepeated() {
        here.publish(ANN, "m1");
        here.inbox.calls().holdBack();
        Client client = here.open(ANN);
        here.inbox.calls().failNextWith(1, ErrorCode.STORE_UNAVAILABLE);
        here.inbox.calls().release();
        client.connection().awaitOffered(1);
        assertThat(client.payloads()).containsExactly("m1");
    }

    @Test
    void aFailedAcknowledgementShouldBeRepeated() {
        Client client = here.open(ANN);
        here.publish(ANN, 1, 2);
        here.inbox.calls().failNextWith(1, ErrorCode.STORE_UNAVAILABLE);
        client.session().acknowledge(1);
        assertThat(there.waiting(ANN)).hasSize(2);
        Await.until("the acknowledgement is repeated", () -> there.waiting(ANN).size() == 1);
        assertThat(client.connection().closed()).isEmpty();
    }

    @Test
    void aFailedDetachmentShouldBeRepeated() {
        Client client = here.open(ANN);
        here.publish(ANN, 1, 2);
        here.inbox.calls().failNextWith(2, ErrorCode.STORE_UNAVAILABLE);
        client.session().acknowledge(1);
        client.session().closed();
        assertThat(there.publish(ANN, "m3").attached()).isEqualTo(1);
        Await.until("the detachment is repeated", () -> there.waiting(ANN).size() == 2);
        assertThat(there.publish(ANN, "m4").attached()).isZero();
    }

    @Test
    void anInboxThatTurnsUnreadableShouldEndTheConnection() {
        Client client = here.open(ANN);
        here.signals.loseSignals(true);
        there.publish(ANN, "m1");
        store.storeSomethingElse(ANN);
        here.sessions.storeRestored();
        assertThat(client.connection().closed()).contains(CloseReason.INBOX_UNREADABLE);
    }

    @Test
    void aRenumberedInboxShouldBeReadAfresh() {
        Client client = here.open(ANN);
        here.publish(ANN, 1, 3);
        client.acknowledgeAll();
        store.forgetEverything();
        there.publish(ANN, "m4");
        here.sessions.storeRestored();
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4");
        there.publish(ANN, "m5");
        client.acknowledgeAll();
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4", "m5");
        assertThat(here.waiting(ANN)).isEmpty();
        assertThat(client.connection().offered().stream().map(Delivery.Offered::sequence))
                .containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aStaleRegistrationShouldBeEnded() {
        Await.value(here.inbox.attach(ANN, ServiceNode.POLICY, new Presence(List.of(), 6)));
        assertThat(there.publish(ANN, "m1").attached()).isEqualTo(1);
        assertThat(there.publish(ANN, "m2").attached()).isZero();
        assertThat(there.waiting(ANN)).containsExactly("m1", "m2");
    }

    // ---- clients that cannot acknowledge while they are connected

    @Test
    void whatWasWrittenShouldMakeRoomAndAcknowledgeNothing() {
        here.publish(ANN, 1, 10);
        Client client = here.open(ANN);
        client.session().written(4);
        assertThat(client.payloads()).hasSize(10);
        client.session().written(10);
        assertThat(here.waiting(ANN)).hasSize(10);
        client.session().closed();
        assertThat(here.open(ANN).connection().offered()).allMatch(Delivery.Offered::redelivered);
    }

    @Test
    void resumingShouldAcknowledgeWhatTheClientHas() {
        here.publish(ANN, 1, 6);
        Client first = here.open(ANN);
        first.session().written(4);
        MessageId newest = first.connection().offered().get(3).message().id();
        first.session().closed();
        RecordingConnection again = new RecordingConnection(77);
        here.sessions.open(ANN, Optional.empty(), Optional.of(newest), again);
        assertThat(again.awaitOpened()).isEqualTo(2);
        assertThat(again.payloads()).containsExactly("m5", "m6");
        assertThat(here.waiting(ANN)).containsExactly("m5", "m6");
    }

    @Test
    void resumingAfterAnUnknownMessageShouldDeliverEverythingAgain() {
        here.publish(ANN, 1, 2);
        RecordingConnection connection = new RecordingConnection(77);
        here.sessions.open(ANN, Optional.empty(), Optional.of(new MessageId("never-seen")), connection);
        assertThat(connection.awaitOpened()).isEqualTo(2);
        assertThat(connection.payloads()).containsExactly("m1", "m2");
        assertThat(here.waiting(ANN)).hasSize(2);
    }

    // ---- what a user misses

    @Test
    void anOverflowShouldBeToldUntilTheNextAcknowledgement() {
        ServiceNode node = node(false, 6, 3);
        node.publish(ANN, 1, 5);
        Client one = node.open(ANN);
        assertThat(one.connection().calls().subList(0, 2)).containsExactly(new Call.Opened(3), new Call.Missed(2));
        assertThat(one.payloads()).containsExactly("m3", "m4", "m5");
        one.session().closed();
        Client two = node.open(ANN);
        assertThat(two.connection().missed())
                .as("nothing proves that it was read")
                .isEqualTo(2);
        two.acknowledgeAll();
        two.session().closed();
        node.publish(ANN, 6, 9);
        Client three = node.open(ANN);
        assertThat(three.connection().missed()).as("only the new one").isEqualTo(1);
        assertThat(node.telemetry.of(Event.DROPPED)).isEqualTo(3);
    }

    @Test
    void whoResumesShouldNotBeToldOfWhatItWasToldOrShown() {
        ServiceNode node = node(false, 6, 3);
        node.publish(ANN, 1, 5);
        Client first = node.open(ANN);
        assertThat(first.connection().missed()).isEqualTo(2);
        first.session().written(3);
        node.publish(ANN, 6, 7);
        assertThat(first.payloads()).containsExactly("m3", "m4", "m5", "m6", "m7");
        MessageId newest = first.connection().offered().get(4).message().id();
        first.session().closed();
        node.publish(ANN, 8, 8);
        RecordingConnection again = new RecordingConnection(77);
        Sessions.Session session = node.sessions.open(ANN, Optional.empty(), Optional.of(newest), again);
        assertThat(again.payloads()).containsExactly("m8");
        assertThat(again.missed()).isZero();
        session.closed();
        node.publish(ANN, 9, 12);
        assertThat(node.open(ANN).connection().missed()).as("only the new ones").isEqualTo(2);
    }

    @Test
    void anOverflowBehindAFullWindowShouldBeTold() {
        ServiceNode node = node(false, 6, 3);
        Client client = node.open(ANN);
        node.publish(ANN, 1, 10);
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4");
        client.acknowledgeAll();
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4", "m8", "m9", "m10");
        assertThat(client.connection().missed()).isEqualTo(3);
        client.acknowledgeAll();
        client.session().closed();
        Client next = node.open(ANN);
        assertThat(next.connection().missed()).isZero();
        assertThat(next.payloads()).isEmpty();
    }

    @Test
    void anOverflowOfARenumberedInboxShouldBeToldToo() {
        ServiceNode node = node(false, 6, 3);
        Client client = node.open(ANN);
        node.publish(ANN, "m0");
        client.acknowledgeAll();
        store.forgetEverything();
        node.publish(ANN, 1, 5);
        node.sessions.storeRestored();
        assertThat(client.payloads()).containsExactly("m0", "m3", "m4", "m5");
        assertThat(client.connection().missed()).isEqualTo(2);
        client.acknowledgeAll();
        client.session().closed();
        assertThat(node.open(ANN).connection().missed()).isZero();
    }

    @Test
    void expiredMessagesShouldBeSkippedCountedAndRemoved() {
        Await.value(here.publisher.publish(here.publication(ANN, "m1", 1_000)));
        here.publish(ANN, "m2");
        Await.value(here.publisher.publish(here.publication(ANN, "m3", 1_000)));
        clock.advance(Duration.ofSeconds(1));
        Client client = here.open(ANN);
        assertThat(client.payloads()).containsExactly("m2");
        assertThat(here.telemetry.of(Event.EXPIRED)).isEqualTo(2);
        assertThat(here.waiting(ANN)).containsExactly("m2", "m3");
        client.acknowledgeAll();
        assertThat(here.waiting(ANN)).isEmpty();
    }

    // ---- stopping

    @Test
    void drainShouldEndEverySessionAndRecordItsProgress() {
        Client ann = here.open(ANN);
        Client ann2 = here.open(ANN);
        Client bob = here.open(BOB);
        here.publish(ANN, 1, 2);
        ann.session().acknowledge(1);
        Await.value(here.sessions.drain(Duration.ZERO));
        for (Client client : List.of(ann, ann2, bob)) {
            assertThat(client.connection().closed()).contains(CloseReason.GOING_AWAY);
        }
        assertThat(there.publish(ANN, "m3").attached()).isZero();
        assertThat(there.open(ANN).payloads()).containsExactly("m2", "m3");
        assertThat(here.open(ANN).connection().calls()).containsExactly(new Call.Closed(CloseReason.GOING_AWAY));
    }

    @Test
    void drainShouldWaitForTheStoreToTakeTheProgress() {
        Client client = here.open(ANN);
        here.inbox.calls().holdBack();
        CompletableFuture<Void> drained = here.sessions.drain(Duration.ZERO).toCompletableFuture();
        client.connection().awaitClosed();
        Await.until("the detachment is on its way", () -> here.inbox.calls().heldBack() == 1);
        assertThat(drained).isNotDone();
        here.inbox.calls().release();
        Await.value(drained);
    }

    @Test
    void drainShouldSpreadTheClosing() {
        here.open(ANN);
        here.open(BOB);
        long began = System.nanoTime();
        Await.value(here.sessions.drain(Duration.ofMillis(400)));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void drainShouldCompleteAtOnceWhenNobodyIsThere() {
        assertThat(here.sessions.drain(Duration.ofHours(1)).toCompletableFuture())
                .isDone();
    }
}

package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.in.Publication;
import io.redmessenger.application.port.in.Publisher.Receipt;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Telemetry.Event;
import io.redmessenger.application.service.ServiceNode.Client;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.Recipient;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PublishMessageServiceTest {

    private static final UserId ANN = new UserId("ann");
    private static final UserId BOB = new UserId("bob");
    private static final GroupId CATS = new GroupId("cats");
    private static final GroupId DOGS = new GroupId("dogs");

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final ServiceNode node = new ServiceNode(store, "here", clock, ServiceNode.SETTINGS);

    private CompletableFuture<Receipt> publish(Recipient to, String payload) {
        return node.publisher.publish(node.publication(to, payload)).toCompletableFuture();
    }

    /** Makes a channel of {@code count} members, {@code u1} and so on; a read of the members returns two. */
    private List<UserId> join(GroupId group, int count) {
        List<UserId> users = IntStream.rangeClosed(1, count)
                .mapToObj(i -> new UserId("u" + i))
                .toList();
        users.forEach(user -> Await.value(node.groups.add(group, user)));
        return users;
    }

    @Test
    void publishShouldStoreForAnAbsentUser() {
        assertThat(node.publish(ANN, "m1")).isEqualTo(new Receipt(1, 0, 0));
        assertThat(node.waiting(ANN)).containsExactly("m1");
        assertThat(node.telemetry.of(Event.STORED)).isEqualTo(1);
    }

    @Test
    void publishShouldShowToWhoIsConnectedAndStoreUntilAcknowledged() {
        Client client = node.open(ANN);
        assertThat(node.publish(ANN, "m1")).isEqualTo(new Receipt(1, 1, 0));
        assertThat(client.payloads()).containsExactly("m1");
        assertThat(node.waiting(ANN)).containsExactly("m1");
    }

    @Test
    void publishShouldCountWhoIsConnectedToAnotherNode() {
        ServiceNode there = new ServiceNode(store, "there", clock, ServiceNode.SETTINGS);
        Client client = there.open(ANN);
        assertThat(node.publish(ANN, "m1")).isEqualTo(new Receipt(1, 1, 0));
        assertThat(client.payloads()).containsExactly("m1");
    }

    @Test
    void publishToAChannelShouldReachEveryMemberWithTheChannelAsSource() {
        List<UserId> users = join(CATS, 5);
        Client client = node.open(users.get(3));
        assertThat(node.publish(CATS, "m1")).isEqualTo(new Receipt(5, 1, 0));
        users.forEach(user -> assertThat(node.waiting(user)).containsExactly("m1"));
        assertThat(client.connection().offered().get(0).message().source()).isEqualTo("rm.channels.cats");
    }

    @Test
    void publishToAnEmptyChannelShouldReachNobody() {
        assertThat(node.publish(CATS, "m1")).isEqualTo(new Receipt(0, 0, 0));
    }

    @Test
    void publishShouldKeepTheOrderAcrossUsersAndChannels() {
        Await.value(node.groups.add(CATS, ANN));
        node.groups.calls().holdBack();
        CompletableFuture<Receipt> first = publish(ANN, "m1");
        CompletableFuture<Receipt> second = publish(CATS, "m2");
        CompletableFuture<Receipt> third = publish(ANN, "m3");
        assertThat(first).isDone();
        assertThat(third).as("it waits for the members of the one before").isNotDone();
        node.groups.calls().release();
        Await.value(second);
        Await.value(third);
        assertThat(node.waiting(ANN)).containsExactly("m1", "m2", "m3");
    }

    @Test
    void publishShouldGoOnBehindAChannelThatCannotBeRead() {
        node.groups.storeSomethingElse(CATS);
        Await.value(node.groups.add(DOGS, ANN));
        node.groups.calls().holdBack();
        CompletableFuture<Receipt> first = publish(CATS, "m1");
        CompletableFuture<Receipt> second = publish(DOGS, "m2");
        node.groups.calls().release();
        assertThat(Await.failure(first).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.value(second)).isEqualTo(new Receipt(1, 0, 0));
    }

    @Test
    void aLargeChannelShouldNotHoldOthersUpAndKeepItsOwnOrder() {
        List<UserId> users = join(CATS, 5);
        node.groups.calls().holdBack();
        CompletableFuture<Receipt> first = publish(CATS, "m1");
        node.groups.calls().releaseNext(); // the first two members
        CompletableFuture<Receipt> second = publish(CATS, "m2");
        CompletableFuture<Receipt> third = publish(CATS, "m3");
        CompletableFuture<Receipt> other = publish(BOB, "m4");
        assertThat(first).isNotDone();
        node.groups.calls().release();
        assertThat(Await.value(other)).isEqualTo(new Receipt(1, 0, 0));
        for (CompletableFuture<Receipt> receipt : List.of(first, second, third)) {
            assertThat(Await.value(receipt)).isEqualTo(new Receipt(5, 0, 0));
        }
        users.forEach(user -> assertThat(node.waiting(user)).containsExactly("m1", "m2", "m3"));
        assertThat(node.publish(CATS, "m5")).isEqualTo(new Receipt(5, 0, 0));
        users.forEach(user -> assertThat(node.waiting(user)).endsWith("m5"));
    }

    @Test
    void aLargeChannelShouldKeepItsOrderWhenAPublicationToItWaitsInTheQueue() {
        List<UserId> users = join(CATS, 3);
        node.groups.calls().holdBack();
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        receipts.add(publish(CATS, "m1"));
        receipts.add(publish(DOGS, "m2"));
        receipts.add(publish(CATS, "m3"));
        node.groups.calls().releaseNext(); // m1 begins its walk; m3 waits behind m2
        receipts.add(publish(CATS, "m4"));
        node.groups.calls().release();
        receipts.forEach(Await::value);
        users.forEach(user -> assertThat(node.waiting(user)).containsExactly("m1", "m3", "m4"));
    }

    @Test
    void aLargeChannelShouldGoOnAfterAFailure() {
        List<UserId> users = join(CATS, 5);
        node.groups.calls().holdBack();
        CompletableFuture<Receipt> first = publish(CATS, "m1");
        node.groups.calls().failNextWith(1, ErrorCode.STORE_UNAVAILABLE); // the second look
        node.groups.calls().releaseNext();
        CompletableFuture<Receipt> second = publish(CATS, "m2");
        node.groups.calls().release();
        assertThat(Await.failure(first).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(Await.value(second)).isEqualTo(new Receipt(5, 0, 0));
        assertThat(node.waiting(users.get(4))).containsExactly("m2");
        assertThat(Await.value(
                        node.publisher.publish(node.publication(CATS, "m1").repeated())))
                .isEqualTo(new Receipt(5, 0, 0));
        assertThat(node.waiting(users.get(0))).as("had it already").containsExactly("m1", "m2");
        assertThat(node.waiting(users.get(4))).containsExactly("m2", "m1");
    }

    @Test
    void manyPublicationsThatFailTogetherShouldAllFail() {
        join(CATS, 3);
        node.inbox.calls().holdBack();
        publish(CATS, "m0");
        List<CompletableFuture<Receipt>> receipts = IntStream.rangeClosed(1, 8_000)
                .mapToObj(i -> publish(CATS, "m" + i))
                .toList();
        node.groups.calls().failWith(ErrorCode.STORE_UNAVAILABLE);
        node.inbox.calls().release();
        receipts.forEach(receipt -> assertThat(Await.failure(receipt).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE));
    }

    @Test
    void aRepeatedPublicationShouldNotBeStoredTwice() {
        Publication publication = node.publication(ANN, "m1");
        Client client = node.open(ANN);
        node.inbox.calls().loseAnswers();
        assertThat(Await.failure(node.publisher.publish(publication)).code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        node.inbox.calls().succeed();
        assertThat(Await.value(node.publisher.publish(publication.repeated()))).isEqualTo(new Receipt(1, 1, 0));
        assertThat(node.waiting(ANN)).containsExactly("m1");
        assertThat(client.payloads()).containsExactly("m1");
        Await.value(node.publisher.publish(publication.repeated()));
        assertThat(client.payloads()).containsExactly("m1");
    }

    @Test
    void aUserWhoseInboxIsSomethingElseShouldBeRejectedAlone() {
        List<UserId> users = join(CATS, 3);
        store.storeSomethingElse(users.get(1));
        Client client = node.open(users.get(2));
        assertThat(node.publish(CATS, "m1")).isEqualTo(new Receipt(3, 1, 1));
        assertThat(client.payloads()).containsExactly("m1");
        assertThat(node.waiting(users.get(0))).containsExactly("m1");
        assertThat(node.telemetry.of(Event.WRONG_KIND)).isEqualTo(1);
        assertThat(node.telemetry.of(Event.STORED)).isEqualTo(2);
    }

    @Test
    void aFailureShouldNotKeepTheNextBack() {
        node.inbox.calls().failNextWith(1, ErrorCode.STORE_REFUSED);
        assertThat(Await.failure(publish(ANN, "m1")).code()).isEqualTo(ErrorCode.STORE_REFUSED);
        assertThat(node.publish(ANN, "m2")).isEqualTo(new Receipt(1, 0, 0));
        assertThat(node.waiting(ANN)).containsExactly("m2");
    }

    @Test
    void droppedMessagesShouldBeCounted() {
        InboxPolicy small = new InboxPolicy(Duration.ofDays(1), 2);
        ServiceNode special = new ServiceNode(store, "special", clock, new SessionSettings(false, 6, small));
        special.publish(ANN, 1, 5);
        assertThat(special.waiting(ANN)).containsExactly("m4", "m5");
        assertThat(special.telemetry.of(Event.DROPPED)).isEqualTo(3);
    }

    @Test
    void aChannelOverSeveralLanesShouldReachEveryConnection() {
        try (Lanes lanes = Lanes.ofThreads(3)) {
            ServiceNode threads = new ServiceNode(store, "threads", clock, ServiceNode.SETTINGS, lanes);
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                UserId user = new UserId("t" + i);
                Await.value(threads.groups.add(CATS, user));
                clients.add(threads.open(user));
            }
            clients.forEach(client -> client.connection().awaitOpened());
            IntStream.rangeClosed(1, 4).forEach(i -> threads.publish(CATS, "m" + i));
            for (Client client : clients) {
                client.connection().awaitOffered(4);
                assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4");
            }
        }
    }
}

package io.redmessenger.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import io.redmessenger.application.memory.InMemoryStore;
import io.redmessenger.application.memory.MutableClock;
import io.redmessenger.application.port.in.Administration;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import org.junit.jupiter.api.Test;

class AdministerServiceTest {

    private static final UserId ANN = new UserId("ann");
    private static final GroupId CATS = new GroupId("cats");

    private final MutableClock clock = new MutableClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final ServiceNode node = new ServiceNode(store, "here", clock, ServiceNode.SETTINGS);
    private final Administration administration = new AdministerService(node.inbox, node.groups, node.credentials);

    @Test
    void inboxShouldShowTheOldestAndTheSize() {
        node.publish(ANN, 1, 3);
        Inbox.Contents contents = Await.value(administration.inbox(ANN, 2));
        assertThat(contents.size()).isEqualTo(3);
        assertThat(contents.oldest().stream().map(m -> m.payload().text())).containsExactly("m1", "m2");
    }

    @Test
    void clearInboxShouldRemoveEverythingAndLetLiveConnectionsGoOn() {
        ServiceNode.Client client = node.open(ANN);
        node.publish(ANN, 1, 6);
        assertThat(Await.value(administration.clearInbox(ANN))).isEqualTo(6);
        assertThat(Await.value(administration.clearInbox(ANN))).isZero();
        client.acknowledgeAll();
        node.publish(ANN, "m7");
        assertThat(client.payloads()).containsExactly("m1", "m2", "m3", "m4", "m7");
        assertThat(client.connection().missed()).isZero();
    }

    @Test
    void membersShouldWalkThemAllAndStopAtTheLimit() {
        for (int i = 1; i <= 5; i++) {
            assertThat(Await.value(administration.addMember(CATS, new UserId("u" + i))))
                    .isTrue();
        }
        assertThat(Await.value(administration.addMember(CATS, new UserId("u5"))))
                .isFalse();
        assertThat(Await.value(administration.members(CATS, 100)).stream().map(UserId::value))
                .containsExactlyInAnyOrder("u1", "u2", "u3", "u4", "u5");
        long before = node.groups.calls().count();
        assertThat(Await.value(administration.members(CATS, 1))).hasSize(1);
        assertThat(node.groups.calls().count()).as("no more looks than needed").isEqualTo(before + 1);
        assertThat(Await.value(administration.members(CATS, 3))).hasSize(3);
        assertThat(Await.value(administration.removeMember(CATS, new UserId("u1"))))
                .isTrue();
        assertThat(Await.value(administration.removeMember(CATS, new UserId("u1"))))
                .isFalse();
        assertThat(Await.value(administration.members(CATS, 100))).hasSize(4);
    }

    @Test
    void keysShouldBeSetShownAndRevoked() {
        assertThat(Await.value(administration.key(ANN))).isEmpty();
        administration.setKey(ANN, new Credential("k"));
        assertThat(Await.value(administration.key(ANN))).contains(new Credential("k"));
        assertThat(Await.value(administration.revokeKey(ANN))).isTrue();
        assertThat(Await.value(administration.revokeKey(ANN))).isFalse();
    }

    @Test
    void failuresShouldKeepTheirCode() {
        store.storeSomethingElse(ANN);
        node.groups.storeSomethingElse(CATS);
        assertThat(Await.failure(administration.inbox(ANN, 1)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(administration.members(CATS, 1)).code()).isEqualTo(ErrorCode.WRONG_KIND);
    }
}

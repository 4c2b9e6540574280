package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link GroupMembership} does. */
public interface GroupMembershipContract {

    GroupId CATS = new GroupId("cats");
    GroupId DOGS = new GroupId("dogs");

    GroupMembership groups();

    /** Adds a member as a backend would, whatever its text. */
    void addDirectly(GroupId group, String member);

    /** Puts something that is no set of members under the group's name. */
    void storeSomethingElse(GroupId group);

    @Test
    default void membersShouldBeEmptyWhenNobodyHasJoined() {
        GroupMembership.Members members = Await.value(groups().members(CATS, GroupMembership.START));
        assertThat(members.users()).isEmpty();
        assertThat(members.isLast()).isTrue();
        assertThat(Await.value(groups().size(CATS))).isZero();
    }

    @Test
    default void addShouldTellWhoIsNew() {
        UserId ann = new UserId("ann");
        assertThat(Await.value(groups().add(CATS, ann))).isTrue();
        assertThat(Await.value(groups().add(CATS, ann))).isFalse();
        assertThat(Await.value(groups().size(CATS))).isEqualTo(1);
        assertThat(Await.value(groups().size(DOGS))).isZero();
        assertThat(walk(CATS)).containsExactly(ann);
    }

    @Test
    default void removeShouldTellWhoWasAMember() {
        UserId ann = new UserId("ann");
        Await.value(groups().add(CATS, ann));
        Await.value(groups().add(CATS, new UserId("bob")));
        assertThat(Await.value(groups().remove(CATS, ann))).isTrue();
        assertThat(Await.value(groups().remove(CATS, ann))).isFalse();
        assertThat(walk(CATS)).containsExactly(new UserId("bob"));
    }

    @Test
    default void membersShouldMeetEveryone() {
        Set<UserId> all =
                IntStream.range(0, 10_000).mapToObj(i -> new UserId("u" + i)).collect(Collectors.toSet());
        all.forEach(user -> addDirectly(CATS, user.value()));
        assertThat(Await.value(groups().size(CATS))).isEqualTo(10_000);
        assertThat(walk(CATS)).isEqualTo(all);
    }

    @Test
    default void membersShouldLeaveOutWhatIsNoUserId() {
        List.of("ann", "", "two words", "a:b", "x".repeat(129), "é").forEach(member -> addDirectly(CATS, member));
        GroupMembership.Members members = Await.value(groups().members(CATS, GroupMembership.START));
        assertThat(members.users()).containsExactly(new UserId("ann"));
        assertThat(members.invalid()).isEqualTo(5);
    }

    @Test
    default void everyCallShouldFailWhenTheGroupIsSomethingElse() {
        storeSomethingElse(CATS);
        UserId ann = new UserId("ann");
        assertThat(Await.failure(groups().members(CATS, GroupMembership.START)).code())
                .isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(groups().size(CATS)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(groups().add(CATS, ann)).code()).isEqualTo(ErrorCode.WRONG_KIND);
        assertThat(Await.failure(groups().remove(CATS, ann)).code()).isEqualTo(ErrorCode.WRONG_KIND);
    }

    private Set<UserId> walk(GroupId group) {
        Set<UserId> met = new HashSet<>();
        String cursor = GroupMembership.START;
        do {
            GroupMembership.Members members = Await.value(groups().members(group, cursor));
            assertThat(members.users()).doesNotHaveDuplicates();
            met.addAll(members.users());
            cursor = members.next();
        } while (!cursor.equals(GroupMembership.START));
        return met;
    }
}

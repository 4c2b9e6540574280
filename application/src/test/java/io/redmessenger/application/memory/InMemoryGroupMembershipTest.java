package io.redmessenger.application.memory;

import io.redmessenger.application.contract.GroupMembershipContract;
import io.redmessenger.application.port.out.GroupMembership;
import io.redmessenger.domain.recipient.GroupId;

class InMemoryGroupMembershipTest implements GroupMembershipContract {

    private final InMemoryGroupMembership groups = new InMemoryGroupMembership();

    @Override
    public GroupMembership groups() {
        return groups;
    }

    @Override
    public void addDirectly(GroupId group, String member) {
        groups.addDirectly(group, member);
    }

    @Override
    public void storeSomethingElse(GroupId group) {
        groups.storeSomethingElse(group);
    }
}

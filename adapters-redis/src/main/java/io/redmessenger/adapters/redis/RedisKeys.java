package io.redmessenger.adapters.redis;

import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;

/** Every name that we use in Redis. An id's grammar keeps it from being taken for anything else. */
final class RedisKeys {

    /** What backends publish to. */
    static final String PUBLICATIONS = "rm.*";

    private static final String USERS = "rm:users:";
    private static final String MESSAGES = ":messages";

    private RedisKeys() {}

    /** LIST: the inbox, oldest first. */
    static String messages(UserId user) {
        return USERS + user.value() + MESSAGES;
    }

    /** HASH: the numbering of the inbox and the nodes attached to it. */
    static String state(UserId user) {
        return USERS + user.value() + ":state";
    }

    /** STRING: the user's key in secure mode. */
    static String key(UserId user) {
        return USERS + user.value() + ":key";
    }

    /** SET: the members of a channel. */
    static String subscribers(GroupId group) {
        return "rm:channels:" + group.value() + ":subscribers";
    }

    /** Pub/Sub channel: what other nodes tell this one. */
    static String signals(String node) {
        return "rm:node:" + node;
    }

    /** Pub/Sub channel: what a node tells itself, to see that its subscriptions are alive. */
    static String probe(String node) {
        return "rm:probe:" + node;
    }

    /** The inverse of {@link #messages}. */
    static UserId userOf(String messages) {
        return new UserId(messages.substring(USERS.length(), messages.length() - MESSAGES.length()));
    }
}

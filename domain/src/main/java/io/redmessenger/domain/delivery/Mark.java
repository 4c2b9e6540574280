package io.redmessenger.domain.delivery;

import io.redmessenger.domain.message.MessageId;

/**
 * A place in an inbox that can be checked: position alone may mean another message after a failover has rewound it.
 *
 * @param position the number of a message in the inbox
 * @param id the id of that message
 */
public record Mark(long position, MessageId id) {}

package io.redmessenger.application.port.out;

import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.recipient.UserId;
import java.util.Optional;

/**
 * How far a node's views of one inbox have come.
 *
 * @param user whose inbox
 * @param epoch the numbering that the positions belong to
 * @param done the newest message that is done with, and all before it; empty when none is yet
 * @param offeredThrough the position through which every view of this node has offered; what lies behind it must stay
 *     even if it is done with
 * @param told how many of the inbox's dropped messages the user has been told of
 */
public record Progress(UserId user, String epoch, Optional<Mark> done, long offeredThrough, long told) {}

package io.redmessenger.bootstrap.cli;

import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;

/** Reads what stands on the command line. */
final class Ids {

    private Ids() {}

    static UserId user(String text) {
        try {
            return new UserId(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    static GroupId channel(String text) {
        try {
            return new GroupId(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    static void checkLimit(int limit, int most) {
        if (limit < 1 || limit > most) {
            throw new CommandFailure(ExitCode.USAGE, "--limit must be from 1 to " + most + ", got " + limit);
        }
    }
}

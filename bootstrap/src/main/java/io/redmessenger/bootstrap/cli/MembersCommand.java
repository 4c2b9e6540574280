package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.in.Administration;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.domain.recipient.GroupId;
import io.redmessenger.domain.recipient.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "members",
        header = "List the members of a channel, add one, or remove one.",
        description = {
            "%nPrints one user a line. What is published to rm.channels.CID goes to every member. A backend may change the"
                    + " Redis set rm:channels:CID:subscribers itself, with the same effect."
        },
        optionListHeading = Help.OPTIONS,
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {Help.OK, Help.DEFECT, Help.USAGE, Help.NO_REDIS, Help.REFUSED, Help.CONFIGURATION},
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger members news --add user1",
            "  redmessenger members news",
            "  redmessenger members news --remove user1"
        })
final class MembersCommand extends BackendCommand {

    private static final int MOST = 1_000_000;

    @Parameters(paramLabel = "CID", description = "The channel.")
    private String cid = "";

    @ArgGroup
    private @Nullable Change change;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Print N members at most. Default: ${DEFAULT-VALUE}.")
    private int limit = 1000;

    static final class Change {
        @Option(names = "--add", paramLabel = "UID", description = "Make this user a member.")
        private @Nullable String add;

        @Option(names = "--remove", paramLabel = "UID", description = "End this user's membership.")
        private @Nullable String remove;
    }

    MembersCommand(Context context) {
        super(context);
    }

    @Override
    Task prepare(Configuration configuration) {
        GroupId channel = Ids.channel(cid);
        Ids.checkLimit(limit, MOST);
        if (change != null && change.add != null) {
            UserId user = Ids.user(change.add);
            return backend -> add(backend.administration(), channel, user);
        }
        if (change != null && change.remove != null) {
            UserId user = Ids.user(change.remove);
            return backend -> remove(backend.administration(), channel, user);
        }
        return backend -> list(await(backend.administration().members(channel, limit + 1)));
    }

    private void add(Administration administration, GroupId channel, UserId user) throws Exception {
        boolean added = await(administration.addMember(channel, user));
        terminal().note(user + (added ? " is a member of " : " was a member already of ") + channel);
    }

    private void remove(Administration administration, GroupId channel, UserId user) throws Exception {
        boolean removed = await(administration.removeMember(channel, user));
        terminal().note(user + (removed ? " is no member any more of " : " was no member of ") + channel);
    }

    private void list(List<UserId> members) {
        members.stream().limit(limit).forEach(terminal().out()::println);
        if (members.size() > limit) {
            terminal().note("the channel has more members; --limit shows more than " + limit);
        } else {
            terminal().note(members.size() == 1 ? "1 member" : members.size() + " members");
        }
    }
}

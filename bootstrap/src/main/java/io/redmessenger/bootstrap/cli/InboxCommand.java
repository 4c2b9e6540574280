package io.redmessenger.bootstrap.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "inbox",
        header = "Look into a user's inbox, or empty it.",
        description = {
            "%nPrints what waits for the user, oldest first: time, id, source and payload, separated by tabs, one message a"
                    + " line. Control characters are shown as escapes; --json has the exact text. Looking changes nothing."
        },
        optionListHeading = Help.OPTIONS,
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {Help.OK, Help.DEFECT, Help.USAGE, Help.NO_REDIS, Help.REFUSED, Help.CONFIGURATION},
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger inbox user1",
            "  redmessenger inbox user1 --json | jq -r .payload",
            "  redmessenger inbox user1 --clear"
        })
final class InboxCommand extends BackendCommand {

    private static final int MOST = 1024;

    @Parameters(paramLabel = "UID", description = "The user.")
    private String uid = "";

    @Option(names = "--clear", description = "Empty the inbox, without printing it.")
    private boolean clear;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Print the oldest N, 1 to 1024. Default: ${DEFAULT-VALUE}.")
    private int limit = 100;

    InboxCommand(Context context) {
        super(context);
    }

    @Override
    Task prepare(Configuration configuration) {
        UserId user = Ids.user(uid);
        Ids.checkLimit(limit, MOST);
        return clear ? backend -> clear(backend, user) : backend -> look(backend, user);
    }

    private void clear(BackendAccess backend, UserId user) throws Exception {
        terminal().note(messages(await(backend.administration().clearInbox(user))) + " removed");
    }

    private void look(BackendAccess backend, UserId user) throws Exception {
        Inbox.Contents contents = await(backend.administration().inbox(user, limit));
        contents.oldest().forEach(message -> terminal().out().println(json ? json(message) : line(message)));
        long size = contents.size();
        int shown = contents.oldest().size();
        terminal()
                .note(messages(size) + " waiting for " + user
                        + (shown < size ? ", the oldest " + shown + " shown" : ""));
    }

    private static String messages(long count) {
        return count == 1 ? "1 message" : count + " messages";
    }

    private static String line(Message message) {
        return String.join(
                "\t",
                Instant.ofEpochMilli(message.timestamp()).toString(),
                message.id().value(),
                Printable.oneLine(message.source()),
                Printable.oneLine(message.payload().text()));
    }

    private static String json(Message message) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", message.id().value())
                .put("source", message.source())
                .put("timestamp", message.timestamp())
                .put("payload", message.payload().text())
                .toString();
    }
}

package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "publish",
        header = "Say something to a user, or to the members of a channel.",
        description = {
            "%nDoes what a backend does: a Redis PUBLISH. It reaches the nodes that listen at this moment. When none does,"
                    + " Redis keeps nothing, the message is lost, and the exit code is 69."
        },
        optionListHeading = Help.OPTIONS,
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {
            "0:at least one node has heard it",
            Help.DEFECT,
            Help.USAGE,
            "69:no node is listening, or Redis cannot be reached",
            Help.REFUSED,
            Help.CONFIGURATION
        },
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger publish rm.users.user1 'Hello, world!'",
            "  redmessenger publish rm.channels.news -- '-5 degrees'",
            "  printf %%s '{\"price\": 3}' | redmessenger publish rm.users.user1 -"
        })
final class PublishCommand extends BackendCommand {

    @Parameters(
            index = "0",
            paramLabel = "TO",
            description = "rm.users.UID for one user, rm.channels.CID for a channel.")
    private String to = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PAYLOAD",
            defaultValue = STANDARD_INPUT,
            description = "What to say. - or nothing: standard input to its end, byte for byte, which must be UTF-8.")
    private String payload = STANDARD_INPUT;

    private static final String STANDARD_INPUT = "-";

    PublishCommand(Context context) {
        super(context);
    }

    @Override
    Task prepare(Configuration configuration) throws IOException {
        Recipient recipient = recipient();
        Payload said = payload(configuration.maxMessageBytes());
        return backend -> publish(backend, recipient, said);
    }

    private void publish(BackendAccess backend, Recipient recipient, Payload said) throws Exception {
        long nodes = await(backend.publish(recipient, said));
        if (nodes == 0) {
            throw new CommandFailure(
                    ExitCode.UNAVAILABLE,
                    "no node is listening, so the message is lost: PUBLISH keeps nothing. Start a server with 'redmessenger"
                            + " serve', and publish again");
        }
        terminal()
                .out()
                .println("published to " + recipient.address() + ", heard by "
                        + (nodes == 1 ? "1 node" : nodes + " nodes"));
    }

    private Recipient recipient() {
        try {
            return Recipient.parse(to);
        } catch (IllegalArgumentException e) {
            boolean bare = to.matches("[A-Za-z0-9._@+-]{1,128}") && !to.startsWith("rm.");
            String hint = bare ? "; for the user " + to + " write " + Recipient.USERS + to : "";
            throw new CommandFailure(ExitCode.USAGE, e.getMessage() + hint, e);
        }
    }

    private Payload payload(int limit) throws IOException {
        byte[] bytes = payload.equals(STANDARD_INPUT)
                ? terminal().in().readNBytes(limit + 1)
                : payload.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > limit) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "the payload is larger than max_message_bytes, " + limit + "; a server would refuse it");
        }
        try {
            return new Payload(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new CommandFailure(ExitCode.USAGE, "the payload is not UTF-8", e);
        }
    }
}

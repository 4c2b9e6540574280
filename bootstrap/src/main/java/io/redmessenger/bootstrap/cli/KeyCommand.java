package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.in.Administration;
import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.domain.connection.Credential;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "key",
        header = "Set, generate or revoke the key that a user connects with in secure mode.",
        description = {
            "%nWith none of the options it prints whether the user has a key: 'set' or 'none'. A key is printed only when it"
                    + " is generated, once."
        },
        optionListHeading = Help.OPTIONS,
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {Help.OK, Help.DEFECT, Help.USAGE, Help.NO_REDIS, Help.REFUSED, Help.CONFIGURATION},
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger key user1 --generate",
            "  redmessenger key user1 --set - < secret.txt",
            "  redmessenger key user1 --revoke"
        })
final class KeyCommand extends BackendCommand {

    private static final int RANDOM_BYTES = 32;

    @Parameters(paramLabel = "UID", description = "The user.")
    private String uid = "";

    @ArgGroup
    private @Nullable Change change;

    static final class Change {
        @Option(names = "--set", paramLabel = "K", description = "Set this key; - reads it from standard input.")
        private @Nullable String set;

        @Option(names = "--generate", description = "Set a new random key, and print it.")
        private boolean generate;

        @Option(names = "--revoke", description = "Remove the key: in secure mode the user cannot connect any more.")
        @SuppressWarnings("UnusedVariable") // the one that is left
        private boolean revoke;
    }

    KeyCommand(Context context) {
        super(context);
    }

    @Override
    Task prepare(Configuration configuration) throws IOException {
        UserId user = Ids.user(uid);
        if (change == null) {
            return backend -> terminal()
                    .out()
                    .println(await(backend.administration().key(user)).isPresent() ? "set" : "none");
        }
        if (change.set != null) {
            Credential key = credential(secret(change.set, terminal()));
            return backend -> set(backend.administration(), user, key, "the key of " + user + " is set");
        }
        return change.generate
                ? backend -> generate(backend.administration(), user)
                : backend -> revoke(backend.administration(), user);
    }

    private void set(Administration administration, UserId user, Credential key, String done) throws Exception {
        await(administration.setKey(user, key));
        terminal().note(done);
    }

    private void generate(Administration administration, UserId user) throws Exception {
        Credential key = new Credential(random());
        set(administration, user, key, "the key of " + user + " is set; it is not shown again");
        terminal().out().println(key.secret());
    }

    private void revoke(Administration administration, UserId user) throws Exception {
        boolean revoked = await(administration.revokeKey(user));
        terminal().note(revoked ? "the key of " + user + " is revoked" : user + " had no key");
    }

    private static Credential credential(String secret) {
        try {
            return new Credential(secret);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

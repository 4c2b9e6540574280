package io.redmessenger.bootstrap.cli;

import io.redmessenger.bootstrap.config.Configuration;
import io.redmessenger.bootstrap.config.EffectiveConfiguration;
import io.redmessenger.bootstrap.config.RedisTarget;
import io.redmessenger.domain.recipient.UserId;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "listen",
        header = "Be a client: print a user's messages as they come.",
        description = {
            "%nConnects to the server as the user, prints each message on a line of its own, and acknowledges it after that:"
                    + " it then leaves the inbox. Control characters are shown as escapes; --json has the exact text. When"
                    + " the connection is lost it says so and connects again. Ctrl-C ends it."
        },
        optionListHeading = Help.OPTIONS,
        exitCodeListHeading = Help.EXIT_CODES,
        exitCodeList = {
            "0:ended by Ctrl-C, or after --count messages",
            Help.DEFECT,
            Help.USAGE,
            "69:no server answers",
            "77:the server refuses the user, or has ended the connection for good",
            Help.CONFIGURATION
        },
        footerHeading = Help.EXAMPLES,
        footer = {
            "  redmessenger listen user1",
            "  redmessenger listen user1 --json --count 1",
            "  redmessenger listen user1 --url wss://push.example.org/rm --key - < secret.txt"
        })
final class ListenCommand extends ConfiguredCommand {

    @Parameters(paramLabel = "UID", description = "The user.")
    private String uid = "";

    @Option(names = "--key", paramLabel = "K", description = "The user's key; - reads it from standard input.")
    private @Nullable String key;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The server, ws:// or wss://. Default: from ws_host, ws_port and rm_route.")
    private @Nullable String url;

    @Option(names = "--json", description = "Print the whole message as JSON.")
    private boolean json;

    @Option(names = "--count", paramLabel = "N", description = "End after N messages.")
    private @Nullable Integer count;

    ListenCommand(Context context) {
        super(context);
    }

    @Override
    Set<String> explainedSettings() {
        return Set.of("ws_host", "ws_port", "rm_route", "log_level");
    }

    @Override
    int run(EffectiveConfiguration effective) throws InterruptedException, IOException {
        UserId user = Ids.user(uid);
        if (count != null && count < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--count must be 1 or more, got " + count);
        }
        Optional<String> secret = key == null ? Optional.empty() : Optional.of(BackendCommand.secret(key, terminal()));
        URI server = url == null ? address(effective.configuration()) : address(url);
        long wanted = count == null ? Long.MAX_VALUE : count;
        return new Listening(server, Identification.of(user, secret), json, wanted, context()).run();
    }

    private static URI address(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--url is no URL: " + e.getMessage(), e);
        }
        throw new CommandFailure(ExitCode.USAGE, "--url must begin with ws:// or wss:// and name a host, got " + url);
    }

    private static URI address(Configuration configuration) {
        if (configuration.wsPort() == 0) {
            throw new CommandFailure(
                    ExitCode.USAGE, "with ws_port 0 the port is known only to the server; give the address by --url");
        }
        String host = switch (configuration.wsHost()) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> configuration.wsHost();
        };
        URI base = RedisTarget.External.of(host, configuration.wsPort()).uri();
        return URI.create("ws://" + base.getRawAuthority() + configuration.rmRoute());
    }
}

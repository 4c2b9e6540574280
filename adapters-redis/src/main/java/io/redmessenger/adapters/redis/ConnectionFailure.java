package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.redmessenger.adapters.redis.diagnosis.RedisCli;
import io.redmessenger.adapters.redis.diagnosis.RedisRights;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.StoreDiagnosis;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Why Redis cannot be used at all, and what to do. */
final class ConnectionFailure {

    private static final int MOST_CAUSES = 50;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    private final RedisCli cli;
    private final boolean sentinel;
    private final Throwable failure;
    private final List<Throwable> causes;
    private final String text;

    private ConnectionFailure(Throwable failure, RedisCli cli, boolean sentinel) {
        this.cli = cli;
        this.sentinel = sentinel;
        this.failure = failure;
        this.causes = causes(failure);
        this.text = String.valueOf(RedisFailures.translate(failure).getMessage());
    }

    /** @param cli how to speak to the server that was tried first */
    static Finding explain(Throwable failure, RedisCli cli, boolean sentinel) {
        ConnectionFailure explained = new ConnectionFailure(failure, cli, sentinel);
        return explained.answer().map(explained::refused).orElseGet(explained::unreachable);
    }

    /** The failure, and all that it comes from; Lettuce suppresses those of a cluster. */
    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> found = new ArrayList<>();
        Deque<Throwable> next = new ArrayDeque<>(List.of(failure));
        while (!next.isEmpty() && found.size() < MOST_CAUSES) {
            Throwable each = next.removeFirst();
            if (!found.contains(each)) {
                found.add(each);
                if (each.getCause() != null) {
                    next.add(each.getCause());
                }
                next.addAll(List.of(each.getSuppressed()));
            }
        }
        return found;
    }

    /** What Redis has answered, if it has. */
    private Optional<String> answer() {
        return causes.stream()
                .filter(RedisCommandExecutionException.class::isInstance)
                .map(cause -> String.valueOf(cause.getMessage()))
                .findFirst();
    }

    private boolean has(Class<? extends Throwable> type) {
        return causes.stream().anyMatch(type::isInstance);
    }

    private String url(String userInfo) {
        return (cli.tls() ? "rediss://" : "redis://")
                + userInfo
                + cli.address()
                + (cli.database() == 0 ? "" : "/" + cli.database());
    }

    private Finding problem(String summary, String meaning, String command) {
        return Finding.problem(StoreDiagnosis.CONNECTION, summary, meaning, command);
    }

    private Finding refused(String answer) {
        String at = cli.address();
        String user = cli.user().orElse("default");
        if (answer.startsWith("NOAUTH")) {
            return problem(
                    "Redis at " + at + " asks for a password",
                    "None is configured. redis_url has it, in place of redis_host and redis_port:",
                    "redmessenger doctor --redis-url " + url(":PASSWORD@"));
        }
        if (answer.startsWith("WRONGPASS") || answer.contains("invalid password")) {
            return problem(
                    "Redis at " + at + " refuses the password of " + user,
                    "User or password are wrong, or the user is switched off; special characters are percent-encoded in"
                            + " redis_url (an @ is %40). Try it by hand; PONG means that it is right:",
                    cli.command("PING"));
        }
        if (answer.contains("without any password configured") || answer.contains("no password is set")) {
            return problem(
                    "Redis at " + at + " has no password, and one is configured",
                    "Take it out of redis_url (or set one in Redis, by requirepass):",
                    "redmessenger doctor --redis-url " + url(""));
        }
        if (answer.startsWith("NOPERM")) {
            return problem(
                    "Redis at " + at + " lets " + user + " in, and nothing more: " + answer,
                    "The user lacks rights. This gives all that RedMessenger needs (ACL SAVE or CONFIG REWRITE keep it over a"
                            + " restart):",
                    RedisRights.of(cli.cluster()).grant(cli, user));
        }
        if (answer.startsWith("LOADING")) {
            return problem(
                    "Redis at " + at + " is loading its data",
                    "It answers once that is done; until then nothing can be stored. How long it takes still:",
                    cli.administrator("INFO", "persistence"));
        }
        if (answer.startsWith("MASTERDOWN")) {
            return problem(
                    "Redis at " + at + " is a replica without its master",
                    "A replica takes no writes. Use the master; this says where it was:",
                    cli.administrator("INFO", "replication"));
        }
        if (answer.startsWith("DENIED")) {
            return problem(
                    "Redis at " + at + " is in protected mode: it serves its own machine only",
                    "It has no password, so it trusts nobody else. On its machine, set one, and configure it in redis_url:",
                    "redis-cli -p " + cli.port() + " CONFIG SET requirepass PASSWORD");
        }
        if (answer.contains("max number of clients")) {
            return problem(
                    "Redis at " + at + " has as many clients as it takes",
                    "Close some, or raise maxclients (and the ulimit -n of Redis):",
                    cli.administrator("CONFIG", "SET", "maxclients", "20000"));
        }
        if (answer.contains("DB index is out of range")) {
            return problem(
                    "Redis at " + at + " has no database " + cli.database(),
                    "It has 16 unless configured otherwise, numbered from 0, and many providers have one. See how many:",
                    cli.at(cli.host(), cli.port()).administrator("CONFIG", "GET", "databases"));
        }
        if (answer.contains("cluster support disabled")) {
            return problem(
                    "Redis at " + at + " is no Redis Cluster",
                    "The configuration says that it is. Leave redis_cluster out:",
                    "redmessenger doctor --redis-cluster false");
        }
        return problem(
                "Redis at " + at + " refuses: " + answer, "Redis can be reached. Try it by hand:", cli.command("PING"));
    }

    private Finding unreachable() {
        String at = cli.address();
        if (text.contains("sentinels know no master")) {
            return problem(text, "These are the masters that they know:", cli.command("SENTINEL", "MASTERS"));
        }
        Optional<String> tls = causes.stream()
                .flatMap(cause -> RedisTls.explain(cause).stream())
                .findFirst();
        if (tls.isPresent()) {
            return problem(
                    "no connection to " + at + (cli.tls() ? " by TLS" : ""),
                    upperCase(tls.get()) + ". What answers there:",
                    "openssl s_client -connect " + at + " -servername " + cli.host() + " </dev/null");
        }
        if (has(UnknownHostException.class)) {
            return problem(
                    "the host " + cli.host() + " is not known",
                    "No name service knows it: is redis_host or redis_url misspelt? Ask:",
                    "getent hosts " + cli.host());
        }
        if (has(ConnectException.class)) {
            return text.contains("timed out") ? silent() : refusedConnection();
        }
        return text.contains("in time") || text.contains("timed out")
                ? silent()
                : problem("no connection to " + at, upperCase(text) + ". Try it by hand:", cli.command("PING"));
    }

    private Finding refusedConnection() {
        String what = sentinel ? "sentinel" : "Redis";
        String service = sentinel ? "redis-sentinel" : "redis-server";
        return isOnThisMachine()
                ? problem(
                        "nothing listens at " + cli.address(),
                        "There is no " + what + " on that port of this machine. Start it (or leave out redis_host, and"
                                + " 'redmessenger serve' starts one of its own):",
                        "sudo systemctl start " + service)
                : problem(
                        "nothing listens at " + cli.address(),
                        "The machine answers, and has no " + what
                                + " on that port, or one that listens on its loopback address"
                                + " only: look at 'bind' and 'port' in its configuration. On that machine:",
                        "sudo ss -ltnp 'sport = :" + cli.port() + "'");
    }

    private boolean isOnThisMachine() {
        return LOOPBACK.contains(cli.host())
                || InetAddress.getLoopbackAddress().getHostName().equals(cli.host());
    }

    private Finding silent() {
        return problem(
                cli.address() + " does not answer",
                "The host is wrong, a firewall drops what is sent to it, or Redis hangs. If it speaks TLS only, redis_url must"
                        + " begin with rediss://. Whether the port can be reached:",
                "nc -vz -w 3 " + cli.host() + " " + cli.port());
    }

    private static String upperCase(String sentence) {
        return sentence.isEmpty() ? sentence : Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    @Override
    public String toString() {
        return failure.toString();
    }
}

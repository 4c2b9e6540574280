package io.redmessenger.adapters.redis.diagnosis;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Writes commands for {@code redis-cli} that can be pasted into a shell. Passwords are asked for, never shown.
 *
 * @param user the user that the server is configured with; empty for the default one
 * @param secret whether a password is needed
 * @param authorities PEM file of whom to trust, with TLS
 */
public record RedisCli(
        String host,
        int port,
        Optional<String> user,
        boolean secret,
        int database,
        boolean tls,
        Optional<Path> authorities,
        boolean cluster) {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

    /** The same for another server. */
    public RedisCli at(String otherHost, int otherPort) {
        return new RedisCli(otherHost, otherPort, user, secret, database, tls, authorities, cluster);
    }

    /** {@code HOST:PORT}. */
    public String address() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** As the user that the server is configured with. */
    public String command(String... words) {
        return line(user, secret, words);
    }

    /** As the default user, if the configured one is another: that may lack the rights of an administrator. */
    public String administrator(String... words) {
        boolean other = user.filter(name -> !name.equals("default")).isPresent();
        return other ? line(Optional.of("default"), true, words) : line(user, secret, words);
    }

    private String line(Optional<String> as, boolean asking, String... words) {
        List<String> all = new ArrayList<>(List.of("redis-cli", "-h", host, "-p", Integer.toString(port)));
        if (tls) {
            all.add("--tls");
            authorities.ifPresent(file -> all.addAll(List.of("--cacert", file.toString())));
        }
        as.ifPresent(name -> all.addAll(List.of("--user", name)));
        if (asking) {
            all.add("--askpass");
        }
        if (database != 0) {
            all.addAll(List.of("-n", Integer.toString(database)));
        }
        if (cluster) {
            all.add("-c");
        }
        all.addAll(List.of(words));
        return String.join(" ", all.stream().map(RedisCli::quoted).toList());
    }

    /** Sets a parameter of Redis, and writes it into its configuration file if it has one. */
    String configuration(boolean hasFile, String parameter, String value) {
        String set = administrator("CONFIG", "SET", parameter, value);
        return hasFile ? set + " && " + administrator("CONFIG", "REWRITE") : set;
    }

    /** A word as a shell takes it for one. */
    static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}

package io.redmessenger.bootstrap.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The types that the settings have. */
final class SettingTypes {

    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}(\\.0+)?");
    private static final Pattern SECONDS = Pattern.compile("-?[0-9]{1,12}(\\.[0-9]{1,9})?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,253}");
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern ROUTE = Pattern.compile("(/[A-Za-z0-9._~-]+)+");
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[a-z0-9._:\\[\\]-]+");
    private static final Pattern USER_INFO = Pattern.compile("[^@,/]*");
    private static final Pattern NODE =
            Pattern.compile("(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");
    private static final Pattern MASTER_NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final int ROUTE_LENGTH = 128;

    /** First segments of paths that the server answers itself. */
    static final Set<String> TAKEN_ROUTES =
            Set.of("api", "console", "health", "metrics", "openapi.yaml", "redmessenger.js", "socket.io");

    private SettingTypes() {}

    static SettingType<Integer> whole(int least, int most) {
        return new Scalar<>(
                Integer.class, "a whole number from " + least + " to " + most, "N", true, Object::toString, text -> {
                    require(WHOLE.matcher(text).matches());
                    return (int) within(new BigDecimal(text), least, most).longValueExact();
                });
    }

    /** Whole seconds. */
    static SettingType<Duration> wholeSeconds(int least, int most) {
        return new Scalar<>(
                Duration.class,
                "a whole number of seconds from " + least + " to " + most,
                "SECONDS",
                true,
                value -> Long.toString(value.toSeconds()),
                text -> {
                    require(WHOLE.matcher(text).matches());
                    return Duration.ofSeconds(
                            within(new BigDecimal(text), least, most).longValueExact());
                });
    }

    /** Seconds, with fractions down to a nanosecond. */
    static SettingType<Duration> seconds(String least, int most) {
        BigDecimal floor = new BigDecimal(least);
        return new Scalar<>(
                Duration.class,
                "a number of seconds from " + least + " to " + most,
                "SECONDS",
                true,
                value -> BigDecimal.valueOf(value.toNanos(), 9)
                        .stripTrailingZeros()
                        .toPlainString(),
                text -> {
                    require(SECONDS.matcher(text).matches());
                    BigDecimal number = new BigDecimal(text);
                    require(number.compareTo(floor) >= 0 && number.compareTo(BigDecimal.valueOf(most)) <= 0);
                    return Duration.ofNanos(number.movePointRight(9).longValueExact());
                });
    }

    static SettingType<Boolean> bool() {
        return new Scalar<>(Boolean.class, "true or false", "true|false", true, Object::toString, text -> {
            require(text.equals("true") || text.equals("false"));
            return text.equals("true");
        });
    }

    static <E extends Enum<E>> SettingType<E> oneOf(Class<E> values) {
        List<String> names =
                Arrays.stream(values.getEnumConstants()).map(SettingTypes::name).toList();
        return new Scalar<>(
                values,
                "one of " + String.join(", ", names),
                String.join("|", names),
                false,
                SettingTypes::name,
                text -> {
                    require(names.contains(text));
                    return Enum.valueOf(values, text.toUpperCase(Locale.ROOT));
                });
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static SettingType<String> host() {
        return matching(HOST, "a host name or an IP address", "HOST");
    }

    static SettingType<String> nodeId() {
        return matching(NODE_ID, "1 to 64 of A-Z a-z 0-9 . _ -", "NAME");
    }

    private static SettingType<String> matching(Pattern pattern, String expectation, String label) {
        return new Scalar<>(String.class, expectation, label, false, text -> text, text -> {
            require(pattern.matcher(text).matches());
            return text;
        });
    }

    static SettingType<Path> directory() {
        return new Scalar<>(Path.class, "the path of a directory", "DIR", false, Path::toString, text -> {
            require(!text.isBlank());
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(e.getReason(), e);
            }
        });
    }

    /** A PEM file that is there and has certificates in it. */
    static SettingType<Path> certificates() {
        return new Scalar<>(
                Path.class, "the path of a PEM file of certificates", "FILE", false, Path::toString, text -> {
                    require(!text.isBlank());
                    try (InputStream in = Files.newInputStream(Path.of(text))) {
                        require(!CertificateFactory.getInstance("X.509")
                                .generateCertificates(in)
                                .isEmpty());
                        return Path.of(text);
                    } catch (InvalidPathException e) {
                        throw new IllegalArgumentException(e.getReason(), e);
                    } catch (IOException e) {
                        throw new IllegalArgumentException("it cannot be read", e);
                    } catch (CertificateException e) {
                        throw new IllegalArgumentException("it holds no certificate", e);
                    }
                });
    }

    static SettingType<String> route() {
        return new Scalar<>(
                String.class,
                "a path such as /rm, of A-Z a-z 0-9 . _ ~ - between slashes, without one at the end",
                "PATH",
                false,
                text -> text,
                text -> {
                    require(text.length() <= ROUTE_LENGTH && ROUTE.matcher(text).matches());
                    List<String> segments = List.of(text.substring(1).split("/", -1));
                    require(!segments.contains(".") && !segments.contains(".."));
                    if (TAKEN_ROUTES.contains(segments.get(0))) {
                        throw new IllegalArgumentException("the server uses /" + segments.get(0) + " itself");
                    }
                    return text;
                });
    }

    /** Any text; for what is refused as a whole anyway. */
    static SettingType<String> text(String label) {
        return matching(Pattern.compile("(?s).*"), "a text", label);
    }

    static SettingType<URI> redisUrl() {
        return new Scalar<>(
                URI.class,
                "a URL such as redis://user:password@host:6379/0, rediss:// for TLS, or redis-sentinel://host,host#master",
                "URL",
                false,
                Addresses::masked,
                SettingTypes::redisUrl);
    }

    private static URI redisUrl(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // its message would show the password
            throw new IllegalArgumentException("percent-encode special characters in user and password");
        }
        boolean sentinel = "redis-sentinel".equals(uri.getScheme());
        require(sentinel || "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()));
        String authority = uri.getRawAuthority();
        require(authority != null);
        int at = authority.lastIndexOf('@');
        if (at >= 0 && !USER_INFO.matcher(authority.substring(0, at)).matches()) {
            throw new IllegalArgumentException("percent-encode special characters in user and password");
        }
        for (String node : authority.substring(at + 1).split(",", -1)) {
            Matcher parts = NODE.matcher(node);
            require(parts.matches());
            String port = parts.group(1);
            require(port == null || (Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535));
        }
        require(uri.getRawPath().matches("/?|/[0-9]{1,4}"));
        require(uri.getRawQuery() == null);
        if (sentinel) {
            if (uri.getRawFragment() == null
                    || !MASTER_NAME.matcher(uri.getRawFragment()).matches()) {
                throw new IllegalArgumentException(
                        "it lacks the name that the sentinels have for the master, as in redis-sentinel://host:26379#mymaster");
            }
        } else {
            require(uri.getRawFragment() == null);
        }
        return uri;
    }

    static SettingType<AllowedOrigins> origins() {
        return new Origins();
    }

    private static BigDecimal within(BigDecimal number, int least, int most) {
        require(number.compareTo(BigDecimal.valueOf(least)) >= 0 && number.compareTo(BigDecimal.valueOf(most)) <= 0);
        return number;
    }

    private static void require(boolean expected) {
        if (!expected) {
            throw new IllegalArgumentException();
        }
    }

    /** One value. In the file it may be a JSON number or boolean when {@code bare}, and a JSON string in any case. */
    private record Scalar<T>(
            Class<T> valueClass,
            String expectation,
            String label,
            boolean bare,
            Function<T, String> shown,
            Function<String, T> parsed)
            implements SettingType<T> {

        @Override
        public T parse(String text) {
            return parsed.apply(text);
        }

        @Override
        public T parse(JsonNode node) {
            require(node.isTextual() || (bare && (node.isNumber() || node.isBoolean())));
            return parse(node.isNumber() ? node.decimalValue().toPlainString() : node.asText());
        }

        @Override
        public String show(T value) {
            return shown.apply(value);
        }
    }

    /** A list: a JSON array in the file, commas elsewhere. */
    private static final class Origins implements SettingType<AllowedOrigins> {

        @Override
        public Class<AllowedOrigins> valueClass() {
            return AllowedOrigins.class;
        }

        @Override
        public String expectation() {
            return "\"*\", or a list of origins such as https://example.org (a scheme, a host, perhaps a port; no path)";
        }

        @Override
        public String label() {
            return "ORIGIN,…";
        }

        @Override
        public AllowedOrigins parse(String text) {
            return of(List.of(text.split(",", -1)));
        }

        @Override
        public AllowedOrigins parse(JsonNode node) {
            if (!node.isArray()) {
                return SettingType.super.parse(node);
            }
            node.forEach(element -> require(element.isTextual()));
            return of(node.valueStream().map(JsonNode::textValue).toList());
        }

        private static AllowedOrigins of(List<String> texts) {
            if (texts.equals(List.of("*"))) {
                return new AllowedOrigins.Any();
            }
            Set<String> origins = new LinkedHashSet<>();
            for (String text : texts) {
                String origin = text.strip().toLowerCase(Locale.ROOT);
                require(ORIGIN.matcher(origin).matches());
                origins.add(origin);
            }
            require(!origins.isEmpty());
            return new AllowedOrigins.Listed(origins);
        }
    }
}

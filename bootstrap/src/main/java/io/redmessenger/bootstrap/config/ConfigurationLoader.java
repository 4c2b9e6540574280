package io.redmessenger.bootstrap.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.redmessenger.bootstrap.config.EffectiveConfiguration.Entry;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the value of every setting among its sources. Used once. */
final class ConfigurationLoader {

    private static final int SHOWN_LENGTH = 60;

    private final ConfigurationSources sources;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<Setting<?>, Found> found = new LinkedHashMap<>();

    ConfigurationLoader(ConfigurationSources sources) {
        this.sources = sources;
    }

    /** A value that somebody has set. The latest and strongest source wins. */
    private record Found(Object value, String shown, String origin) {}

    EffectiveConfiguration load() {
        sources.file()
                .ifPresent(file ->
                        ConfigurationFile.read(file, problems).forEach((key, node) -> take(key, node, "file " + file)));
        takeEnvironment();
        takeFlags();
        checkTogether();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new EffectiveConfiguration(configuration(), entries(), warnings);
    }

    private void take(String key, JsonNode node, String origin) {
        Settings.named(key)
                .ifPresentOrElse(
                        setting -> take(setting, node, origin),
                        () -> problems.add(
                                key + " is not a known key" + hint(key, Setting::key) + " (" + origin + ")"));
    }

    private <T> void take(Setting<T> setting, JsonNode node, String origin) {
        if (node.isNull()) {
            problems.add(setting + " is null; leave it out to get the default (" + origin + ")");
            return;
        }
        String shown = node.isTextual() ? quoted(node.textValue()) : abridged(node.toString());
        check(setting, () -> setting.type().parse(node), shown, origin);
    }

    private void takeEnvironment() {
        Map<String, Setting<?>> byVariable = new LinkedHashMap<>();
        Settings.ALL.forEach(setting -> byVariable.put(setting.variable(), setting));
        new TreeMap<>(sources.environment()).forEach((variable, text) -> {
            Setting<?> setting = byVariable.get(variable);
            if (setting != null && !text.isEmpty()) {
                take(setting, text, "environment variable " + variable);
            } else if (setting == null && variable.startsWith(Setting.ENVIRONMENT_PREFIX)) {
                warnings.add("environment variable " + variable + " is not known and has no effect"
                        + hint(variable, Setting::variable));
            }
        });
    }

    private void takeFlags() {
        Map<String, Setting<?>> byFlag = new LinkedHashMap<>();
        Settings.ALL.forEach(setting -> byFlag.put(setting.flag(), setting));
        sources.flags().forEach((flag, text) -> {
            Setting<?> setting = byFlag.get(flag);
            if (setting != null) {
                take(setting, text, "flag " + flag);
            } else {
                problems.add(flag + " is not a known flag" + hint(flag, Setting::flag));
            }
        });
    }

    private <T> void take(Setting<T> setting, String text, String origin) {
        check(setting, () -> setting.type().parse(text), quoted(text), origin);
    }

    /** Reads a value of any source. A stronger source's value replaces a weaker one's, which must be right all the same. */
    private <T> void check(Setting<T> setting, Supplier<T> parsed, String given, String origin) {
        if (!setting.isSupported()) {
            problems.add(setting + " is not supported by this version yet (" + origin + ")");
            return;
        }
        try {
            T value = parsed.get();
            found.put(setting, new Found(value, setting.type().show(value), origin));
        } catch (IllegalArgumentException e) {
            String detail = e.getMessage() == null ? "" : ": " + e.getMessage();
            problems.add(setting + " must be " + setting.expectation() + ", got "
                    + (setting.isSecret() ? Addresses.SECRET : given) + detail + " (" + origin + ")");
        }
    }

    private void checkTogether() {
        Found url = found.get(Settings.REDIS_URL);
        for (Setting<?> other : List.of(Settings.REDIS_HOST, Settings.REDIS_PORT)) {
            Found beside = found.get(other);
            if (url != null && beside != null) {
                problems.add(Settings.REDIS_URL + " (" + url.origin() + ") and " + other + " (" + beside.origin()
                        + ") exclude each other; keep one of them");
            }
        }
        checkCluster(url);
    }

    private void checkCluster(@Nullable Found url) {
        Found cluster = found.get(Settings.REDIS_CLUSTER);
        boolean isCluster = value(Settings.REDIS_CLUSTER);
        String isTrue = Settings.REDIS_CLUSTER + " (" + (cluster == null ? "" : cluster.origin()) + ") is true";
        if (isCluster && value(Settings.REDIS_WAIT_REPLICAS) > 0) {
            problems.add(Settings.REDIS_WAIT_REPLICAS + " is above 0, and " + isTrue
                    + "; replicas of a Redis Cluster cannot be waited for: set min-replicas-to-write on the servers");
        }
        URI uri = given(Settings.REDIS_URL);
        if (uri != null && url != null) {
            boolean sentinel = "redis-sentinel".equals(uri.getScheme());
            String given = Settings.REDIS_URL + " (" + url.origin() + ")";
            if (isCluster && sentinel) {
                problems.add(given + " names sentinels, and " + isTrue
                        + "; a Redis Cluster has no sentinels: name its nodes by redis://");
            } else if (isCluster && !uri.getPath().matches("/?0?")) {
                problems.add(given + " names a database, and " + isTrue + "; a Redis Cluster has database 0 only");
            } else if (!isCluster && !sentinel && uri.getRawAuthority().contains(",")) {
                problems.add(given + " names several nodes; that needs " + Settings.REDIS_CLUSTER + " to be true");
            }
        } else if (isCluster && !found.containsKey(Settings.REDIS_HOST) && !found.containsKey(Settings.REDIS_PORT)) {
            problems.add(isTrue + ", but the embedded Redis is no cluster: set redis_url to its nodes");
        }
    }

    private Configuration configuration() {
        return new Configuration(
                redis(),
                Optional.ofNullable(given(Settings.REDIS_TLS_CA)),
                value(Settings.REDIS_WAIT_REPLICAS),
                value(Settings.DATA_DIR),
                value(Settings.WS_HOST),
                value(Settings.WS_PORT),
                value(Settings.RM_ROUTE),
                value(Settings.SECURE_MODE),
                value(Settings.QUEUE_EXPIRY),
                value(Settings.QUEUE_LIMIT),
                value(Settings.CONN_LIMIT),
                value(Settings.MAX_CONNECTIONS),
                value(Settings.MAX_MESSAGE_BYTES),
                value(Settings.IDENTIFY_TIMEOUT),
                value(Settings.PING_INTERVAL),
                value(Settings.PING_TIMEOUT),
                origins(),
                value(Settings.LOG_FORMAT),
                value(Settings.LOG_LEVEL),
                nodeId(),
                value(Settings.DRAIN_SECONDS));
    }

    private RedisTarget redis() {
        URI url = given(Settings.REDIS_URL);
        if (url != null) {
            return new RedisTarget.External(url, value(Settings.REDIS_CLUSTER));
        }
        String host = given(Settings.REDIS_HOST);
        if (host == null && given(Settings.REDIS_PORT) == null) {
            return new RedisTarget.Embedded();
        }
        RedisTarget.External at =
                RedisTarget.External.of(Objects.requireNonNullElse(host, "127.0.0.1"), value(Settings.REDIS_PORT));
        return new RedisTarget.External(at.uri(), value(Settings.REDIS_CLUSTER));
    }

    private AllowedOrigins origins() {
        AllowedOrigins origins = given(Settings.ALLOWED_ORIGINS);
        return origins == null ? new AllowedOrigins.SameOrigin() : origins;
    }

    private String nodeId() {
        String id = given(Settings.NODE_ID);
        if (id != null) {
            return id;
        }
        byte[] bytes = new byte[4];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private <T> @Nullable T given(Setting<T> setting) {
        Found value = found.get(setting);
        return value == null ? null : setting.type().valueClass().cast(value.value());
    }

    private <T> T value(Setting<T> setting) {
        T value = given(setting);
        return value == null ? setting.type().parse(setting.fallback()) : value;
    }

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (Setting<?> setting : Settings.ALL) {
            if (setting.isSupported()) {
                Found value = found.get(setting);
                entries.add(
                        value == null
                                ? new Entry(setting, setting.fallback(), EffectiveConfiguration.DEFAULT)
                                : new Entry(setting, value.shown(), value.origin()));
            }
        }
        return entries;
    }

    private static String hint(String typed, Function<Setting<?>, String> name) {
        return NearestName.hint(typed, Settings.ALL.stream().map(name).toList());
    }

    /** Shows what somebody wrote: short, printable, in quotes. */
    private static String quoted(String text) {
        return '"' + abridged(text) + '"';
    }

    private static String abridged(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= SHOWN_LENGTH ? printable : printable.substring(0, SHOWN_LENGTH) + "…";
    }
}

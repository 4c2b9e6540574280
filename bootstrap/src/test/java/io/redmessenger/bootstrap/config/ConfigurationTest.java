package io.redmessenger.bootstrap.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.redmessenger.bootstrap.config.EffectiveConfiguration.Entry;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigurationTest {

    @TempDir
    private Path directory;

    /** Every supported key, a value that is not the default, and that value as JSON. */
    private static final Map<String, List<String>> OTHERS = new TreeMap<>(Map.ofEntries(
            Map.entry("redis_host", List.of("redis.example.org", "\"redis.example.org\"")),
            Map.entry("redis_port", List.of("6380", "6380")),
            Map.entry("redis_url", List.of("rediss://u:geheim@r:1/2", "\"rediss://u:geheim@r:1/2\"")),
            Map.entry("redis_cluster", List.of("true", "true")),
            Map.entry(
                    "redis_tls_ca",
                    List.of("src/test/resources/authority.pem", "\"src/test/resources/authority.pem\"")),
            Map.entry("redis_wait_replicas", List.of("2", "2")),
            Map.entry("data_dir", List.of("/var/lib/rm", "\"/var/lib/rm\"")),
            Map.entry("ws_host", List.of("::", "\"::\"")),
            Map.entry("ws_port", List.of("0", "0")),
            Map.entry("rm_route", List.of("/push/v2", "\"/push/v2\"")),
            Map.entry("secure_mode", List.of("true", "true")),
            Map.entry("queue_expiry", List.of("60", "60")),
            Map.entry("queue_limit", List.of("5", "5")),
            Map.entry("conn_limit", List.of("7", "7")),
            Map.entry("max_connections", List.of("8", "8")),
            Map.entry("max_message_bytes", List.of("9", "9")),
            Map.entry("identify_timeout", List.of("1.5", "1.5")),
            Map.entry("ping_interval", List.of("0.3", "0.3")),
            Map.entry("ping_timeout", List.of("0.2", "0.2")),
            Map.entry(
                    "allowed_origins",
                    List.of("https://a.org,http://localhost:3000", "[\"https://a.org\", \"http://localhost:3000\"]")),
            Map.entry("log_format", List.of("json", "\"json\"")),
            Map.entry("log_level", List.of("debug", "\"debug\"")),
            Map.entry("node_id", List.of("n-1", "\"n-1\"")),
            Map.entry("drain_seconds", List.of("0.5", "0.5"))));

    private static Stream<String> supportedKeys() {
        return Settings.ALL.stream().filter(Setting::isSupported).map(Setting::key);
    }

    private static Stream<String> unsupportedKeys() {
        return Settings.ALL.stream().filter(setting -> !setting.isSupported()).map(Setting::key);
    }

    @Test
    void defaultsShouldBeThoseOfTheReference() {
        Configuration defaults = ConfigurationSources.none().load().configuration();

        assertThat(defaults)
                .isEqualTo(new Configuration(
                        new RedisTarget.Embedded(),
                        Optional.empty(),
                        0,
                        Path.of("./data"),
                        "127.0.0.1",
                        8080,
                        "/rm",
                        false,
                        Duration.ofDays(7),
                        1000,
                        6,
                        100_000,
                        65_536,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(25),
                        Duration.ofSeconds(20),
                        new AllowedOrigins.SameOrigin(),
                        LogFormat.TEXT,
                        LogLevel.INFO,
                        defaults.nodeId(),
                        Duration.ofSeconds(3)));
        assertThat(defaults.nodeId()).matches("[0-9a-f]{8}");
    }

    @Test
    void everySourceShouldSetEverything() {
        Map<String, String> environment = new LinkedHashMap<>();
        Map<String, String> flags = new LinkedHashMap<>();
        StringBuilder json = new StringBuilder("{");
        OTHERS.forEach((key, values) -> {
            if (!key.equals("redis_url") && !key.equals("redis_cluster")) { // which exclude others
                environment.put("RM_" + key.toUpperCase(Locale.ROOT), values.get(0));
                flags.put("--" + key.replace('_', '-'), values.get(0));
                json.append(json.length() == 1 ? "" : ",")
                        .append('"')
                        .append(key)
                        .append("\":")
                        .append(values.get(1));
            }
        });
        Configuration expected = new Configuration(
                new RedisTarget.External(URI.create("redis://redis.example.org:6380")),
                Optional.of(Path.of("src/test/resources/authority.pem")),
                2,
                Path.of("/var/lib/rm"),
                "::",
                0,
                "/push/v2",
                true,
                Duration.ofMinutes(1),
                5,
                7,
                8,
                9,
                Duration.ofMillis(1500),
                Duration.ofMillis(300),
                Duration.ofMillis(200),
                new AllowedOrigins.Listed(Set.of("https://a.org", "http://localhost:3000")),
                LogFormat.JSON,
                LogLevel.DEBUG,
                "n-1",
                Duration.ofMillis(500));

        assertThat(file(json + "}").load().configuration()).isEqualTo(expected);
        assertThat(ConfigurationSources.none()
                        .withEnvironment(environment)
                        .load()
                        .configuration())
                .isEqualTo(expected);
        assertThat(ConfigurationSources.none().withFlags(flags).load().configuration())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("supportedKeys")
    void everyKeyShouldBeMappedFromEverySource(String key) {
        assertThat(OTHERS).as("the test knows a value for each key").containsKey(key);
        List<String> values = key.equals("redis_cluster") // true cannot stand alone
                ? List.of("false", "false")
                : OTHERS.getOrDefault(key, List.of("", ""));
        String text = values.get(0);
        String shown = key.equals("redis_url") ? "rediss://u:***@r:1/2" : text;
        String variable = "RM_" + key.toUpperCase(Locale.ROOT);
        String flag = "--" + key.replace('_', '-');
        Path file = directory.resolve("config.json");

        assertThat(changed(file("{\"" + key + "\": " + values.get(1) + "}")))
                .containsExactly(key + " = " + shown + " (file " + file + ")");
        assertThat(changed(ConfigurationSources.none().withEnvironment(Map.of(variable, text))))
                .containsExactly(key + " = " + shown + " (environment variable " + variable + ")");
        assertThat(changed(ConfigurationSources.none().withFlags(Map.of(flag, text))))
                .containsExactly(key + " = " + shown + " (flag " + flag + ")");
    }

    @ParameterizedTest
    @MethodSource("unsupportedKeys")
    void aKeyOfLaterShouldBeRefusedFromEverySource(String key) {
        String flag = "--" + key.replace('_', '-');

        assertThat(problems(file("{\"" + key + "\": true}")))
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem).startsWith(key + " is not supported by this version yet (file "));
        assertThat(problems(ConfigurationSources.none()
                        .withEnvironment(Map.of("RM_" + key.toUpperCase(Locale.ROOT), "geheim"))))
                .singleElement()
                .satisfies(problem -> assertThat(problem)
                        .startsWith(key + " is not supported by this version yet")
                        .doesNotContain("geheim"));
        assertThat(problems(ConfigurationSources.none().withFlags(Map.of(flag, "geheim"))))
                .containsExactly(key + " is not supported by this version yet (flag " + flag + ")");
    }

    @Test
    void aFlagShouldBeatTheEnvironmentAndThatTheFile() {
        ConfigurationSources sources = file("{\"ws_port\": 1, \"queue_limit\": 1, \"conn_limit\": 1}")
                .withEnvironment(Map.of("RM_WS_PORT", "2", "RM_QUEUE_LIMIT", "2"))
                .withFlags(Map.of("--ws-port", "3"));

        Configuration configuration = sources.load().configuration();

        assertThat(configuration.wsPort()).isEqualTo(3);
        assertThat(configuration.queueLimit()).isEqualTo(2);
        assertThat(configuration.connLimit()).isEqualTo(1);
        assertThat(configuration.maxConnections()).isEqualTo(100_000);
    }

    @Test
    void theOriginalsFileShouldBeValidAsItIs() {
        Configuration configuration = file("""
                        {
                          "redis_host": "localhost", "redis_port": 6379, "ws_port": "8080", "rm_route": "/rm",
                          "secure_mode": false, "queue_expiry": 604800, "queue_limit": 100, "conn_limit": "6"
                        }
                        """).load().configuration();

        assertThat(configuration.redis()).hasToString("redis://localhost:6379");
        assertThat(configuration.connLimit()).isEqualTo(6);
    }

    @Test
    void allProblemsShouldBeListedAtOnceWithTheirOriginAndTheNearestName() {
        Path file = directory.resolve("config.json");
        ConfigurationSources sources = file("""
                        {"quue_limit": 5, "ws_port": 70000, "ws_port": 1, "secure_mode": "maybe", "conn_limit": null,
                         "api_token": "geheim", "data_dir": 5, "something": 1}
                        """)
                .withEnvironment(Map.of("RM_PING_INTERVAL", "0", "RM_REDIS_URL", "redis://:ge@heim@h", "HOME", "/"))
                .withFlags(Map.of("--max-conections", "5"));

        assertThat(problems(sources))
                .containsExactlyInAnyOrder(
                        "ws_port stands more than once in file " + file,
                        "quue_limit is not a known key; did you mean queue_limit? (file " + file + ")",
                        "secure_mode must be true or false, got \"maybe\" (file " + file + ")",
                        "conn_limit is null; leave it out to get the default (file " + file + ")",
                        "api_token is not supported by this version yet (file " + file + ")",
                        "data_dir must be the path of a directory, got 5 (file " + file + ")",
                        "something is not a known key (file " + file + ")",
                        "ping_interval must be a number of seconds from 0.01 to 86400, got \"0\""
                                + " (environment variable RM_PING_INTERVAL)",
                        "redis_url must be a URL such as redis://user:password@host:6379/0, rediss:// for TLS, or"
                                + " redis-sentinel://host,host#master, got ***: percent-encode special characters in user and password"
                                + " (environment variable RM_REDIS_URL)",
                        "--max-conections is not a known flag; did you mean --max-connections?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{", "{\"ws_port\": }", "{\"ws_port\": 1} {}", "{ws_port: 1}", "\u0000"})
    void aFileThatIsNoJsonObjectShouldBeAProblem(String text) {
        assertThat(problems(file(text)))
                .singleElement()
                .satisfies(problem -> assertThat(problem).startsWith("file " + directory.resolve("config.json")));
    }

    @Test
    void aFileThatCannotBeReadShouldBeOneProblemAmongTheOthers() {
        ConfigurationSources sources = ConfigurationSources.none()
                .withFlags(Map.of("--ws-port", "x"))
                .withFile(Path.of("/nowhere/config.json"));

        assertThat(problems(sources))
                .containsExactly(
                        "file /nowhere/config.json does not exist",
                        "ws_port must be a whole number from 0 to 65535, got \"x\" (flag --ws-port)");
        assertThat(problems(ConfigurationSources.none().withFile(directory)))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("cannot be read"));
    }

    @ParameterizedTest
    @CsvSource({
        "redis_port, 0",
        "redis_port, 65536",
        "redis_port, -1",
        "redis_port, 1.5",
        "redis_port, 1e3",
        "redis_port, 99999999999999999999",
        "ws_port, -1",
        "ws_port, 65536",
        "queue_expiry, 0",
        "queue_expiry, 1.5",
        "queue_limit, 0",
        "conn_limit, 0",
        "max_connections, 0",
        "max_message_bytes, 0",
        "identify_timeout, 0",
        "ping_interval, 0",
        "ping_timeout, 0",
        "ping_timeout, 0.001",
        "ping_timeout, Infinity",
        "drain_seconds, 0",
        "secure_mode, yes",
        "secure_mode, 1",
        "log_level, loud",
        "log_format, xml",
        "node_id, a b",
        "redis_host, a b",
        "redis_tls_ca, /no/such/file",
        "redis_tls_ca, pom.xml",
        "redis_wait_replicas, -1",
        "redis_wait_replicas, 101",
        "rm_route, rm",
        "rm_route, /",
        "rm_route, /rm/",
        "rm_route, /a//b",
        "rm_route, /a/../b",
        "rm_route, /a b",
        "rm_route, /socket.io",
        "rm_route, /api/v1",
        "rm_route, /a?b",
        "allowed_origins, example.org",
        "allowed_origins, https://example.org/",
        "'allowed_origins', 'https://a.org,*'",
        "redis_url, http://h",
        "redis_url, redis://",
        "redis_url, redis:h",
        "redis_url, redis://h:0",
        "redis_url, redis://h/db",
        "'redis_url', 'redis://a,,b'",
        "'redis_url', 'redis-sentinel://a,b#'",
        "'redis_url', 'redis-sentinel://a,b:99999#m'",
        "redis_url, redis://h#m",
        "redis_url, redis-sentinel://h",
        "redis_url, redis://h?x=y"
    })
    void aWrongValueShouldBeRefused(String key, String value) {
        assertThat(problems(ConfigurationSources.none().withFlags(Map.of("--" + key.replace('_', '-'), value))))
                .singleElement()
                .satisfies(problem -> assertThat(problem).startsWith(key + " must be "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e400", "1e308", "[8080]", "{}", "true"})
    void aWrongTypeInTheFileShouldBeRefused(String json) {
        assertThat(problems(file("{\"ws_port\": " + json + "}")))
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem).startsWith("ws_port must be a whole number from 0 to 65535, got "));
    }

    @Test
    void redisUrlShouldExcludeHostAndPort() {
        ConfigurationSources sources =
                file("{\"redis_url\": \"redis://h\", \"redis_port\": 1}").withEnvironment(Map.of("RM_REDIS_HOST", "x"));

        assertThat(problems(sources))
                .containsExactly(
                        "redis_url (file " + directory.resolve("config.json")
                                + ") and redis_host (environment variable RM_REDIS_HOST) exclude each other; keep one of them",
                        "redis_url (file " + directory.resolve("config.json") + ") and redis_port (file "
                                + directory.resolve("config.json") + ") exclude each other; keep one of them");
    }

    @ParameterizedTest
    @CsvSource({
        "--redis-host, h, redis://h:6379",
        "--redis-host, ::1, redis://[::1]:6379",
        "--redis-port, 7000, redis://127.0.0.1:7000",
        "--redis-url, rediss://h:1/2, rediss://h:1/2",
    })
    void redisShouldBeExternalAsSoonAsOneOfItsKeysIsSet(String flag, String value, String uri) {
        Configuration configuration = ConfigurationSources.none()
                .withFlags(Map.of(flag, value))
                .load()
                .configuration();

        assertThat(configuration.redis()).isEqualTo(new RedisTarget.External(URI.create(uri)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://u:p@a:1,b/0 true",
                "redis://[::1]:7000 true",
                "redis-sentinel://:p@a,b:2/3#my.master false",
            })
    void redisUrlShouldNameSentinelsOrNodesOfACluster(String url, boolean cluster) {
        Configuration configuration = ConfigurationSources.none()
                .withFlags(Map.of("--redis-url", url, "--redis-cluster", Boolean.toString(cluster)))
                .load()
                .configuration();

        assertThat(configuration.redis()).isEqualTo(new RedisTarget.External(URI.create(url), cluster));
        assertThat(configuration.redis().toString()).doesNotContain(":p@");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis-sentinel://a#m|true|has no sentinels",
                "redis://a/1|true|has database 0 only",
                "redis://a,b|false|that needs redis_cluster to be true",
                "redis-sentinel://a,b|false|it lacks the name that the sentinels have for the master",
            })
    void whatDoesNotGoTogetherShouldBeRefused(String url, String cluster, String problem) {
        assertThat(problems(
                        ConfigurationSources.none().withFlags(Map.of("--redis-url", url, "--redis-cluster", cluster))))
                .singleElement()
                .satisfies(shown -> assertThat(shown).contains(problem));
    }

    @Test
    void replicasOfAClusterShouldNotBeWaitedFor() {
        assertThat(problems(ConfigurationSources.none()
                        .withFlags(Map.of(
                                "--redis-url", "redis://a", "--redis-cluster", "true", "--redis-wait-replicas", "1"))))
                .singleElement()
                .satisfies(shown -> assertThat(shown).contains("cannot be waited for"));
    }

    @Test
    void theEmbeddedRedisShouldBeNoCluster() {
        assertThat(problems(ConfigurationSources.none().withFlags(Map.of("--redis-cluster", "true"))))
                .containsExactly(
                        "redis_cluster (flag --redis-cluster) is true, but the embedded Redis is no cluster: set"
                                + " redis_url to its nodes");
    }

    @Test
    void aStarShouldAllowEveryOrigin() {
        assertThat(file("{\"allowed_origins\": \"*\"}").load().configuration().allowedOrigins())
                .isEqualTo(new AllowedOrigins.Any());
        assertThat(file("{\"allowed_origins\": [\"*\"]}").load().configuration().allowedOrigins())
                .isEqualTo(new AllowedOrigins.Any());
        assertThat(problems(file("{\"allowed_origins\": []}"))).hasSize(1);
    }

    @Test
    void anUnknownVariableShouldBeWarnedAboutAndAnEmptyOneIgnored() {
        EffectiveConfiguration effective = ConfigurationSources.none()
                .withEnvironment(Map.of("RM_WS_PROT", "1", "RM_WS_PORT", "", "WS_PORT", "1"))
                .load();

        assertThat(effective.warnings())
                .containsExactly(
                        "environment variable RM_WS_PROT is not known and has no effect; did you mean RM_WS_PORT?");
        assertThat(effective.configuration().wsPort()).isEqualTo(8080);
    }

    @ParameterizedTest
    @CsvSource({
        "redis://:geheim@h:1, redis://:***@h:1",
        "redis://geheim@h, redis://***@h",
        "redis://u:ge%20heim@h/3, redis://u:***@h/3"
    })
    void secretsShouldBeMasked(String url, String shown) {
        EffectiveConfiguration effective = ConfigurationSources.none()
                .withFlags(Map.of("--redis-url", url))
                .load();

        assertThat(effective.configuration().toString()).contains(shown).doesNotContain("heim");
        assertThat(effective.entries().toString()).contains(shown).doesNotContain("heim");
        assertThat(effective.configuration().redis()).isEqualTo(new RedisTarget.External(URI.create(url)));
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc, 0",
        "abc, acb, 1",
        "abc, abd, 1",
        "abc, ab, 1",
        "abc, xabc, 1",
        "'', abc, 3",
        "kitten, sitting, 3"
    })
    void distanceShouldCountEdits(String a, String b, int distance) {
        assertThat(NearestName.distance(a, b)).isEqualTo(distance);
    }

    @Test
    void theReferenceShouldBeUpToDate() throws IOException {
        assertThat(Files.readString(Path.of("../docs/configuration.md")))
                .as("regenerate it: ./redmessenger config --reference > docs/configuration.md")
                .isEqualTo(ConfigurationReference.markdown());
    }

    private ConfigurationSources file(String json) {
        try {
            Path file = directory.resolve("config.json");
            Files.write(file, json.getBytes(StandardCharsets.UTF_8));
            return ConfigurationSources.none().withFile(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> problems(ConfigurationSources sources) {
        return catchThrowableOfType(ConfigurationException.class, sources::load).problems();
    }

    private static List<String> changed(ConfigurationSources sources) {
        return sources.load().entries().stream()
                .filter(entry -> !entry.isDefault())
                .map(ConfigurationTest::line)
                .toList();
    }

    private static String line(Entry entry) {
        return entry.setting() + " = " + entry.shown() + " (" + entry.origin() + ")";
    }
}

package io.redmessenger.adapters.websocket.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalOnlyTest {

    private final HttpServerExchange exchange = new HttpServerExchange(null);

    private LocalOnlyTest with(String name, String value) {
        exchange.getRequestHeaders().add(new HttpString(name), value);
        return this;
    }

    private Optional<String> refusal(String peer) throws UnknownHostException {
        return LocalOnly.refusal(InetAddress.getByName(peer), exchange);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"})
    void aLocalPeerShouldPass(String peer) throws UnknownHostException {
        assertThat(with("Host", "localhost:8080").refusal(peer)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "192.168.1.1", "0.0.0.0", "::2", "fe80::1", "::ffff:10.0.0.1", "2001:db8::1"})
    void anotherPeerShouldBeRefusedWhateverItSays(String peer) throws UnknownHostException {
        assertThat(with("Host", "localhost:8080")
                        .with("Origin", "http://localhost:8080")
                        .refusal(peer))
                .get()
                .asString()
                .contains("the machine");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535", "127.255.0.3:80", "[::1]", "[::1]:80"
            })
    void aLoopbackNameShouldPass(String host) throws UnknownHostException {
        assertThat(with("Host", host).refusal("127.0.0.1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.org",
                "localhost.example.org",
                "127.0.0.1.example.org",
                "127.0.0.1example.org",
                "1270.0.1",
                "127.0.0.1:",
                "127.0.0.1:80:80",
                "[::2]",
                "::1",
                "[::1].example.org",
                "user@localhost",
                "localhost ",
                "localhost, example.org",
                "10.0.0.1",
                "rebound.example:8080"
            })
    void anotherNameShouldBeRefused(String host) throws UnknownHostException {
        assertThat(with("Host", host).refusal("127.0.0.1")).get().asString().contains("localhost");
    }

    @Test
    void noNameAndTwoNamesShouldBeRefused() throws UnknownHostException {
        assertThat(refusal("127.0.0.1")).isPresent();
        assertThat(with("Host", "localhost").with("Host", "localhost").refusal("127.0.0.1"))
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:8080, http://localhost:8080",
        "127.0.0.1:8080, http://127.0.0.1:8080",
        "[::1]:8080, http://[::1]:8080",
        "localhost, https://localhost"
    })
    void thePagesOfTheServerShouldPass(String host, String origin) throws UnknownHostException {
        assertThat(with("Host", host).with("Origin", origin).refusal("127.0.0.1"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "http://example.org",
                "http://localhost",
                "http://localhost:80801",
                "http://127.0.0.1:8080",
                "http://localhost:8080.example.org",
                "http://example.org/localhost:8080"
            })
    void pagesOfAnotherOriginShouldBeRefused(String origin) throws UnknownHostException {
        assertThat(with("Host", "localhost:8080").with("Origin", origin).refusal("127.0.0.1"))
                .get()
                .asString()
                .contains("pages");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Forwarded", "via", "X-Forwarded-For", "x-real-ip"})
    void whatCameThroughAProxyShouldBeRefused(String sign) throws UnknownHostException {
        assertThat(with("Host", "127.0.0.1:8080").with(sign, "127.0.0.1").refusal("127.0.0.1"))
                .get()
                .asString()
                .contains("proxy");
    }
}

package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandshakeIT {
    private static final String PROPER = new String(RawClient.handshakeRequest(), StandardCharsets.US_ASCII);

    @Test
    void handshakeShouldBeAnsweredAsInTheRfc() throws Exception {
        try (WebSocketServer server = WebSocketServer.start(Recorder::new);
                RawClient client = new RawClient(server.port())) {
            client.send(RawClient.handshakeRequest());

            assertThat(client.readHead())
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .containsIgnoringCase("\r\nUpgrade: websocket\r\n")
                    .containsIgnoringCase("\r\nConnection: Upgrade\r\n")
                    .contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .doesNotContain("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions")
                    .doesNotContainIgnoringCase("Content-Length")
                    .doesNotContainIgnoringCase("Transfer-Encoding");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // what | by what | status | header | body
                "GET  | POST  | 405 | Allow: GET | GET",
                "GET  | HEAD  | 405 | Allow: GET | -",
                "HTTP/1.1 | HTTP/1.0 | 400 | - | HTTP/1.1",
                "Host: localhost | X-Host: localhost | 400 | - | -",
                "Upgrade: websocket | Upgrade: h2c | 426 | Upgrade: websocket | Upgrade: websocket",
                "Upgrade: websocket | X-Upgrade: websocket | 426 | Upgrade: websocket | Upgrade: websocket",
                "Connection: Upgrade | Connection: keep-alive | 426 | Upgrade: websocket | Connection: Upgrade",
                "Connection: Upgrade | X-Connection: Upgrade | 426 | Upgrade: websocket | Connection: Upgrade",
                "Version: 13 | Version: 8 | 426 | Sec-WebSocket-Version: 13 | 13",
                "Version: 13 | Versionless: 13 | 426 | Sec-WebSocket-Version: 13 | 13",
                "Key: dGhlIHNhbXBsZSBub25jZQ== | Key: dGhlIHNhbXBsZQ== | 400 | - | 16 bytes",
                "Key: dGhlIHNhbXBsZSBub25jZQ== | Key: dGhlIHNhbXBsZSBub25jZ?== | 400 | - | 16 bytes",
                "Key: dGhlIHNhbXBsZSBub25jZQ== | Key: | 400 | - | 16 bytes",
                "Key: dGhlIHNhbXBsZSBub25jZQ== | Keyless: x | 400 | - | 16 bytes",
                "Version: 13 | Version: 13~Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | 400 | - | 16 bytes",
                "Version: 13 | Version: 13~Origin: https://evil.example | 403 | - | origin",
            })
    void handshakeShouldBeRefusedWithAReason(String what, String by, int status, String header, String body)
            throws Exception {
        WebSocketSettings settings = WebSocketSettings.defaults()
                .withOriginAllowed(exchange ->
                        exchange.getRequestHeaders().getFirst("Origin").equals("https://good.example"));
        try (WebSocketServer server = WebSocketServer.start(settings, Recorder::new);
                RawClient client = new RawClient(server.port())) {
            String request = PROPER.replace(what.trim(), by.trim().replace("~", "\r\n"));
            assertThat(request).isNotEqualTo(PROPER);

            client.send(request.getBytes(StandardCharsets.US_ASCII));

            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.");
            assertThat(head.substring(9, 12)).isEqualTo(String.valueOf(status));
            if (header != null) {
                assertThat(head).contains("\r\n" + header + "\r\n");
            }
            if (body != null) {
                assertThat(head).contains("text/plain");
                assertThat(client.readBody(contentLength(head))).contains(body).endsWith("\n");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Upgrade: websocket | UPGRADE: WebSocket",
                "Upgrade: websocket | Upgrade: h2c, websocket",
                "Connection: Upgrade | Connection: keep-alive, UPGRADE",
                "Connection: Upgrade | Connection: close, Upgrade",
                "Connection: Upgrade | Connection: keep-alive~Connection: upgrade",
                "Version: 13 | Version: 13~Origin: https://good.example",
                "Version: 13 | Version: 13~Sec-WebSocket-Protocol: chat, superchat",
                "Version: 13 | Version: 13~Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            })
    void handshakeShouldBeAcceptedInEverySpelling(String what, String by) throws Exception {
        try (WebSocketServer server = WebSocketServer.start(Recorder.Echo::new);
                RawClient client = new RawClient(server.port())) {
            client.send(PROPER.replace(what, by.replace("~", "\r\n")).getBytes(StandardCharsets.US_ASCII));

            assertThat(client.readHead())
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContain("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
            client.send(ClientFrames.text("hello"));
            assertThat(client.read()).isEqualTo("text:hello");
        }
    }

    @Test
    void handshakeShouldChooseTheFirstConfiguredSubprotocolThatIsOffered() throws Exception {
        WebSocketSettings settings = WebSocketSettings.defaults().withSubprotocols(List.of("best", "good", "fair"));
        try (WebSocketServer server = WebSocketServer.start(settings, Recorder::new);
                RawClient client = new RawClient(server.port())) {
            client.send(PROPER.replace("Version: 13", "Version: 13\r\nSec-WebSocket-Protocol: fair, other, good")
                    .getBytes(StandardCharsets.US_ASCII));

            assertThat(client.readHead()).contains("\r\nSec-WebSocket-Protocol: good\r\n");
        }
    }

    @Test
    void plainRequestShouldBeLeftToTheCaller() throws Exception {
        try (WebSocketServer server = WebSocketServer.start(Recorder::new);
                RawClient client = new RawClient(server.port())) {
            client.send("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 200 ");
            assertThat(client.readBody(contentLength(head))).isEqualTo("a plain request\n");
        }
    }

    @Test
    void connectionShouldServeAHandshakeAfterARefusal() throws Exception {
        try (WebSocketServer server = WebSocketServer.start(Recorder.Echo::new);
                RawClient client = new RawClient(server.port())) {
            client.send(PROPER.replace("Version: 13", "Version: 7").getBytes(StandardCharsets.US_ASCII));
            client.readBody(contentLength(client.readHead()));

            client.handshake();
            client.send(ClientFrames.text("hello"));
            assertThat(client.read()).isEqualTo("text:hello");
        }
    }

    @Test
    void framesBehindTheHandshakeShouldNotBeLost() throws Exception {
        String big = "x".repeat(60_000);
        for (boolean dispatch : new boolean[] {false, true}) {
            try (WebSocketServer server = dispatch
                            ? WebSocketServer.startDispatching(Recorder.Echo::new)
                            : WebSocketServer.start(Recorder.Echo::new);
                    RawClient client = new RawClient(server.port())) {
                client.send(ClientFrames.join(
                        RawClient.handshakeRequest(),
                        ClientFrames.text("one"),
                        ClientFrames.text(big),
                        ClientFrames.text("three")));
                client.readHead();

                assertThat(client.read()).isEqualTo("text:one");
                assertThat(client.read()).isEqualTo("text:" + big);
                assertThat(client.read()).isEqualTo("text:three");
            }
        }
    }

    @Test
    void handshakeAndFramesShouldBeReadByteByByte() throws Exception {
        try (WebSocketServer server = WebSocketServer.start(Recorder.Echo::new);
                RawClient client = new RawClient(server.port())) {
            byte[] bytes = ClientFrames.join(RawClient.handshakeRequest(), ClientFrames.text("κόσμε"));
            for (int i = 0; i < bytes.length; i++) {
                client.send(bytes, i, i + 1);
            }
            client.readHead();

            assertThat(client.read()).isEqualTo("text:κόσμε");
        }
    }

    @Test
    void listenerShouldBeMadeFromTheRequest() throws Exception {
        CompletableFuture<String> query = new CompletableFuture<>();
        CompletableFuture<String> host = new CompletableFuture<>();
        try (WebSocketServer server = WebSocketServer.startWithExchange(exchange -> {
                    query.complete(exchange.getQueryString());
                    host.complete(exchange.getSourceAddress().getHostString() + exchange.getRequestPath());
                    return new Recorder.Echo();
                });
                RawClient client = RawClient.open(server)) {
            assertThat(query.get(10, TimeUnit.SECONDS)).isEqualTo("a=b");
            assertThat(host.get(10, TimeUnit.SECONDS)).isEqualTo("127.0.0.1/ws");
            client.send(ClientFrames.text("hello"));
            assertThat(client.read()).isEqualTo("text:hello");
        }
    }

    @Test
    void connectionShouldBeDroppedWhenNoListenerCanBeMade() throws Exception {
        try (WebSocketServer server = WebSocketServer.startWithExchange(exchange -> {
                    throw new IllegalStateException("thrown on purpose by a test");
                });
                RawClient client = RawClient.open(server)) {
            assertThat(client.isEnded()).isTrue();
        }
    }

    private static int contentLength(String head) {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length: ") + 18;
        return Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)));
    }
}

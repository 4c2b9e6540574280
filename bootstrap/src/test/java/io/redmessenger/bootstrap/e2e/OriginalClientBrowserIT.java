package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.redmessenger.adapters.redis.CuttableProxy;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The client of 2015 with the Socket.IO of its demo, on a page of another server, against ours. Only the address is another.
 */
class OriginalClientBrowserIT {

    private static final Path SOURCES = Path.of("src", "test", "resources", "original");
    private static final Path SOCKET_IO =
            Path.of("src", "test", "clients", "node_modules", "socket.io-client-1.3.5", "socket.io.js");

    private static ServerProcess server;
    private static Backend backend;
    private static int users;

    private final String user = "user" + ++users;
    private CuttableProxy proxy;
    private HttpServer pages;
    private String page;
    private Browser browser;

    @BeforeAll
    static void start(@TempDir Path dataDir) throws IOException, InterruptedException {
        NodeClient.install();
        server = ServerProcess.start(dataDir, "--secure-mode", "--allowed-origins", "*");
        backend = new Backend(server);
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    @BeforeEach
    void openBrowser() throws IOException {
        proxy = new CuttableProxy(server.port());
        pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/demo.html", SOURCES.resolve("demo.html"), "text/html");
        serve("/redmessenger.js", SOURCES.resolve("redmessenger.js"), "text/javascript");
        serve("/socket.io-1.3.5.js", SOCKET_IO, "text/javascript");
        pages.start();
        page = "http://127.0.0.1:" + pages.getAddress().getPort() + "/demo.html#" + user + "/secret";
        backend.redis().set("rm:users:" + user + ":key", "secret");
        browser = new Browser();
    }

    private void serve(String path, Path file, String type) throws IOException {
        byte[] content = Files.readString(file)
                .replace("http://localhost:8080", "http://127.0.0.1:" + proxy.port())
                .getBytes(StandardCharsets.UTF_8);
        pages.createContext(path, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            exchange.sendResponseHeaders(200, content.length);
            try (exchange) {
                exchange.getResponseBody().write(content);
            }
        });
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
        pages.stop(0);
        proxy.close();
    }

    private List<?> seen() {
        return (List<?>) browser.run("return seen");
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private void awaitSessions(long count) {
        Await.until(count + " connections", () -> backend.metric("connections") == count);
    }

    @Test
    void aBacklogOfAThousandShouldComeInOrderAndThenWhatIsLive() {
        backend.publishAll("rm.users." + user, numbers(1_000));
        Await.until("stored", () -> backend.waiting(user) == 1_000);
        browser.open(page);
        Await.until("all", () -> seen().size() == 1_000);
        assertThat(seen()).isEqualTo(numbers(1_000));
        backend.publish("rm.users." + user, "100% <b>über</b> 😀");
        Await.until("live", () -> seen().size() == 1_001);
        assertThat(seen().get(1_000)).isEqualTo("100% <b>über</b> 😀");
        assertThat(browser.texts("#notifications li").get(1_000))
                .isEqualTo("rm.users." + user + ": 100% <b>über</b> 😀");
        Await.until("acknowledged without any code", () -> backend.waiting(user) == 0);
    }

    @Test
    void twoTabsShouldBothShowItAndOneShouldHaveTheBubble() {
        browser.open(page);
        String first = browser.tab();
        backend.publish("rm.users." + user, "for the first");
        Await.until("identified", () -> seen().size() == 1);
        String second = browser.openTab(page);
        Await.until("both are identified", () -> {
            backend.publish("rm.users." + user, "for both");
            return !seen().isEmpty();
        });
        backend.publish("rm.users." + user, "last");
        for (String tab : List.of(first, second)) {
            browser.tab(tab);
            Await.until("all", () -> seen().contains("last"));
            assertThat(browser.run("return bubbles[seen.indexOf('last')]")).isEqualTo(tab.equals(first));
        }
    }

    @Test
    void aCutShouldLoseNothing() {
        browser.open(page);
        backend.publish("rm.users." + user, "before");
        Await.until("shown and acknowledged", () -> seen().size() == 1 && backend.waiting(user) == 0);
        proxy.cut();
        awaitSessions(0);
        backend.publish("rm.users." + user, "meanwhile");
        Await.until("it comes back by itself", () -> seen().contains("meanwhile"));
        assertThat(seen()).isEqualTo(List.of("before", "meanwhile"));
    }

    @Test
    void aWrongKeyShouldGetNothing() {
        backend.publish("rm.users." + user, "secret message");
        Await.until("stored", () -> backend.waiting(user) == 1);
        browser.open(page.replace("/secret", "/wrong"));
        Await.until("refused", () -> backend.metric("session_unauthorized_total") >= 1);
        assertThat(seen()).isEqualTo(List.of());
        assertThat(backend.waiting(user)).isEqualTo(1);
        browser.openTab(page);
        Await.until("the right one gets it", () -> seen().equals(List.of("secret message")));
    }
}

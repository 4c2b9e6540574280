package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.redis.CuttableProxy;
import io.redmessenger.application.contract.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Server-sent events, read by Chromium's own EventSource and by the JavaScript client where WebSockets are blocked. */
class EventSourceBrowserIT {

    private static final String LISTEN = """
            window.seen = []; window.ids = []; window.bubbles = []; window.ready = 0;
            window.source = new EventSource('/rm/events?uid=' + args[0]);
            source.addEventListener('ready', () => ready++);
            source.onmessage = (event) => {
              const message = JSON.parse(event.data);
              if (message.id !== event.lastEventId) throw new Error('id ' + event.lastEventId);
              if (!ids.includes(message.id)) { ids.push(message.id); seen.push(message.payload); bubbles.push(message.bubble); }
            };
            """;

    private static ServerProcess server;
    private static Backend backend;
    private static int users;

    private final String user = "user" + ++users;
    private CuttableProxy proxy;
    private Browser browser;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir);
        backend = new Backend(server);
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    @BeforeEach
    void openBrowser() {
        proxy = new CuttableProxy(server.port());
        browser = new Browser().open("http://127.0.0.1:" + proxy.port() + "/health/live");
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
        proxy.close();
    }

    private List<?> seen() {
        return (List<?>) browser.run("return seen");
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private void store(List<String> payloads) {
        backend.publishAll("rm.users." + user, payloads);
        Await.until("stored", () -> backend.waiting(user) == payloads.size());
    }

    @Test
    void eventSourceShouldGetABacklogInOrderWhatIsLiveAndGoOnAfterACut() {
        store(numbers(1_000));
        browser.await(LISTEN, user);
        Await.until("all", () -> seen().size() == 1_000);
        backend.publish("rm.users." + user, "live\r\ndata: forged\n\nid: 7");
        Await.until("live", () -> seen().size() == 1_001);
        assertThat(seen().subList(0, 1_000)).isEqualTo(numbers(1_000));
        assertThat(seen().get(1_000)).isEqualTo("live\r\ndata: forged\n\nid: 7");
        proxy.cut();
        Await.until("came back", () -> Long.valueOf(2).equals(browser.run("return ready")));
        Await.until("acknowledged by Last-Event-ID", () -> backend.waiting(user) == 0);
        backend.publish("rm.users." + user, "after");
        Await.until("after", () -> seen().size() == 1_002);
    }

    @Test
    void twoTabsShouldHaveOneBubble() {
        browser.await(LISTEN, user);
        Await.until("ready", () -> Long.valueOf(1).equals(browser.run("return ready")));
        String first = browser.tab();
        String second = browser.openTab("http://127.0.0.1:" + proxy.port() + "/health/live");
        browser.await(LISTEN, user);
        Await.until("ready", () -> Long.valueOf(1).equals(browser.run("return ready")));
        backend.publish("rm.users." + user, "hello");
        for (String tab : List.of(first, second)) {
            browser.tab(tab);
            Await.until("there", () -> seen().equals(List.of("hello")));
            assertThat(browser.run("return bubbles")).isEqualTo(List.of(tab.equals(first)));
        }
    }

    @Test
    void theClientShouldFallBackAndAcknowledge() {
        store(numbers(300));
        browser.await("""
                window.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006, reason: '' })); } close() {} };
                const { RedMessenger } = await import('/redmessenger.mjs');
                window.seen = [];
                window.client = new RedMessenger(location.origin, {
                  uid: args[0], backoff: { base: 50, max: 200 }, onMessage: (m) => { seen.push(m.payload); } });
                """, user);
        Await.until("all", () -> seen().size() == 300);
        assertThat(browser.run("return client.transport")).isEqualTo("sse");
        proxy.cut();
        Await.until("acknowledged", () -> backend.waiting(user) == 0);
        backend.publish("rm.users." + user, "live");
        Await.until("live", () -> seen().size() == 301);
        assertThat(seen().subList(0, 300)).isEqualTo(numbers(300));
        assertThat(browser.await(
                        "return (await fetch('/rm/events?uid=' + args[0].uid, { headers: { Authorization: 'Bearer x' } })).status",
                        Map.of("uid", "a%20b")))
                .isEqualTo(400L);
    }
}
